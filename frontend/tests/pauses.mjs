// Runs a command, and stops what it runs for moments, now the one and now the
// other: the pages, the browser, the server, the tests. So a busy machine does,
// and what must not depend on who comes first shows whether it does.
//
//   node tests/pauses.mjs [--seed 1] [--longest 600] npm run --silent behaviour
//
// The same seed draws the same pauses; what they meet is another thing each
// time. Linux alone has the /proc that is read here.

import { spawn } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { basename } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'

const betweenMs = 100
const leastMs = 20

const own = process.argv.slice(2)
const begins = own.findIndex((each, i) => !each.startsWith('--') && !own[i - 1]?.startsWith('--'))
const { values } = parseArgs({
  args: begins < 0 ? own : own.slice(0, begins),
  options: { seed: { type: 'string', default: '1' }, longest: { type: 'string', default: '600' } },
})
if (begins < 0) throw new Error('pauses: which command?')

/** Numbers from 0 to 1 that a seed draws (mulberry32). */
function drawn(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** What a process is, where it is one that is stopped. */
function kindOf(pid) {
  const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  const type = args.find((each) => each.startsWith('--type='))?.slice('--type='.length)
  if (type) return ['renderer', 'gpu-process', 'utility'].includes(type) ? type : ''
  const name = basename(args[0])
  if (/^(chrom|google-chrome|MiniBrowser|WebKit)/.test(name)) return name
  if (name === 'bandeja') return name
  return name === 'node' && args.some((each) => each.endsWith('.spec.mjs')) && !args.includes('--test') ? name : ''
}

/** Those below a process, by what they are. */
function below(root) {
  const parents = new Map()
  const kinds = new Map()
  for (const pid of readdirSync('/proc').filter((each) => /^\d+$/.test(each))) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      parents.set(Number(pid), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]))
    } catch {
      // It has ended meanwhile, as those below may.
    }
  }
  const within = (pid) => pid === root || (parents.has(pid) && within(parents.get(pid)))
  for (const pid of parents.keys()) {
    if (pid === root || !within(pid)) continue
    try {
      const kind = kindOf(pid)
      if (kind) kinds.set(kind, [...(kinds.get(kind) ?? []), pid])
    } catch {
      continue
    }
  }
  return kinds
}

/** Whether it was there to be told. */
function signal(pid, name) {
  try {
    return process.kill(pid, name)
  } catch {
    return false
  }
}

const draw = drawn(Number(values.seed))
const one = (all) => all[Math.floor(draw() * all.length)]
const command = spawn(own[begins], own.slice(begins + 1), { stdio: 'inherit' })
let over = false
const ended = new Promise((resolve, reject) => {
  command.on('error', reject)
  command.on('close', (code) => resolve(code ?? 1))
}).finally(() => (over = true))

let pauses = 0
let held = 0
process.on('SIGINT', () => process.exit(130))
process.on('exit', () => held && signal(held, 'SIGCONT')) // else it would stand for ever

while (!over) {
  await sleep(-Math.log(1 - draw()) * betweenMs)
  const kinds = below(command.pid)
  if (kinds.size === 0) continue
  const pid = one(kinds.get(one([...kinds.keys()].sort())))
  if (!signal(pid, 'SIGSTOP')) continue
  held = pid
  pauses++
  await sleep(leastMs + draw() * (Number(values.longest) - leastMs))
  signal(pid, 'SIGCONT')
  held = 0
}
process.exitCode = await ended
console.error(`pauses: ${pauses}, seed ${values.seed}`)
