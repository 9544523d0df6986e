// The program over offices of growing size: disk, memory, start, and what is
// asked of it while one works.

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { done, going } from '../program.mjs'
import { figure, many, median, table } from './tools.mjs'

const sizes = (process.env.BENCH_GROWTH ?? '10000,100000,1000000').split(',').map(Number)
const each = 2 // messages of a conversation

export async function growth() {
  const rows = []
  for (const size of sizes) rows.push(await measured(size))
  const row = (name, key) => [name, ...rows.map((of) => figure(of[key]))]
  return `## Growth

\`bandeja serve --no-sync\` over what a real copy of the simulator's Waspy left on disk, ${each} messages a conversation; asked over
HTTP on loopback, each question forty times. To reach: the first answer ≤ 300 ms at 100 000, a Go process ≤ 150 MB there.

${table(
  ['conversations', ...sizes.map(many)],
  [
    row('first copy, rows/s with the simulator beside it', 'pace'),
    row('`sync` once more, nothing new, s', 'again'),
    row('cache.db, MB', 'disk'),
    row('start to the first page of the list, ms', 'start'),
    row('start to everybody being found, ms', 'ready'),
    row('memory of the process then, MB', 'memory'),
    row('a page of the inbox, ms', 'list'),
    row('its next page, ms', 'next'),
    row('the counts, ms', 'counts'),
    row('a thread, ms', 'thread'),
    row('`garcia` in the box, people and messages, ms', 'search'),
    row('a typo in the box, ms', 'typo'),
    row('half a number in the box, ms', 'number'),
  ],
)}`
}

/** The profile of so many conversations, made once. */
async function office(size) {
  const profile = join(process.env.BENCH_DIR ?? tmpdir(), `bandeja-bench-growth-${size}`)
  const made = join(profile, 'made.json')
  if (!existsSync(made)) {
    const making = `${profile}.part`
    for (const old of [profile, making]) rmSync(old, { recursive: true, force: true })
    mkdirSync(making, { recursive: true, mode: 0o700 })
    const began = Date.now()
    const simulator = await going([
      'simulate',
      '--json',
      '--no-rate-limit',
      '--conversations',
      String(size),
      '--messages',
      String(each * size),
    ])
    try {
      const { waspy, waspy_key } = simulator.first
      const here = ['--profile', making, '--quiet']
      await done(
        ['account', 'add', 'waspy', 'ventas', '--base-url', waspy, '--rate', '100000', '--key-store', 'file', ...here],
        waspy_key,
      )
      const times = []
      for (let n = 0; n < 2; n++) {
        const began = performance.now()
        await done(['sync', ...here])
        times.push((performance.now() - began) / 1000)
      }
      const [copied, again] = times
      writeFileSync(join(making, 'made.json'), JSON.stringify({ pace: ((1 + each) * size) / copied, again }))
    } finally {
      await simulator.stop()
    }
    renameSync(making, profile)
    console.error(`made an office of ${size} conversations in ${Math.round((Date.now() - began) / 1000)} s`)
  }
  return { profile, ...JSON.parse(readFileSync(made, 'utf8')) }
}

async function measured(size) {
  const { profile, pace, again } = await office(size)
  const starts = []
  for (let n = 0; n < 5; n++) {
    const program = await started(profile)
    starts.push(program.first)
    await program.stop()
  }
  const program = await started(profile)
  try {
    const { ask } = program
    while (!(await ask('/api/state')).people_ready) await new Promise((resolve) => setTimeout(resolve, 5))
    const ready = performance.now() - program.began
    const memory = resident(program.pid)
    const page = await ask('/api/threads?view=inbox&limit=50')
    const times = async (paths) => {
      const took = []
      for (let n = 0; n < 40; n++) {
        const began = performance.now()
        await ask(paths[n % paths.length])
        took.push(performance.now() - began)
      }
      return median(took)
    }
    const search = (query) => `/api/search?q=${encodeURIComponent(query)}&limit=20`
    return {
      pace,
      again,
      disk: statSync(join(profile, 'cache.db')).size / 1e6,
      start: median(starts),
      ready,
      memory,
      list: await times(['/api/threads?view=inbox&limit=50']),
      next: await times([`/api/threads?view=inbox&limit=50&cursor=${page.cursor}`]),
      counts: await times(['/api/counts']),
      thread: await times(page.threads.slice(0, 40).map(({ thread }) => `/api/threads/${thread}/messages?limit=50`)),
      search: await times([search('garcia')]),
      typo: await times([search('gracia lopes')]),
      number: await times([search('5983'), search('4417'), search('15 2030')]),
    }
  } finally {
    await program.stop()
  }
}

/** Serves a profile, and asks for the first page of its list. */
async function started(profile) {
  const began = performance.now()
  const {
    first: said,
    stop,
    pid,
  } = await going(['serve', '--no-sync', '--json', '--listen', '127.0.0.1:0', '--profile', profile])
  const session = await fetch(`${said.origin}/api/session`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ code: new URL(said.url).hash.slice(3) }),
  })
  const cookie = session.headers.get('set-cookie').split(';')[0]
  const ask = async (path) => {
    const answer = await fetch(said.origin + path, { headers: { cookie } })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return answer.json()
  }
  await ask('/api/threads?view=inbox&limit=50')
  return { began, first: performance.now() - began, ask, stop, pid }
}

/** What a process holds in memory and does not share with files, in MB. */
function resident(pid) {
  const [, kilobytes] = /RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return kilobytes / 1e3
}
