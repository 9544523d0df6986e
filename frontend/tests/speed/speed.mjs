// Measures the screen over a large office, in the system's Chromium, and prints
// one table. It fails where a median is over its limit. The machine's own share
// is in the same table: what an empty page, an idle frame and a bare request take.

import { launch } from '../browser.mjs'
import * as measure from './measures.mjs'
import { largeProfile, longest, longThreads, serve } from './office.mjs'
import { Table } from './table.mjs'

const profile = await largeProfile()
const table = new Table()
const browser = await launch()
let program
try {
  // Just started: who is who is still being read into memory.
  const starts = []
  for (let i = 0; i < 3; i++) {
    program = await serve(profile)
    const { page, first } = await measure.enter(browser, program)
    starts.push(first)
    await page.context().close()
    await program.stop()
  }
  program = await serve(profile)
  const { page, cookies } = await measure.enter(browser, program)
  const { origin } = program
  const ask = (path) => page.evaluate(async (path) => (await fetch(path)).json(), path)
  const tell = (method, path, body) =>
    page.evaluate(
      ({ method, path, body }) =>
        fetch(path, { method, body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
      { method, path, body },
    )
  while (!(await ask('/api/state')).people_ready) await page.waitForTimeout(50)

  // Who one is, and some threads that wait for their time.
  for (const { name } of (await ask('/api/state')).accounts) {
    const [agent] = (await ask(`/api/agents?account=${name}`)).agents
    await tell('PATCH', '/api/agents', { account: name, ref: agent.ref, me: true })
  }
  const threads = []
  for (let cursor = ''; threads.length < 700;) {
    const answer = await ask(`/api/threads?view=all&limit=200&cursor=${cursor}`)
    threads.push(...answer.threads)
    cursor = answer.cursor
  }
  const asleep = threads.slice(500, 600).map(({ thread }) => thread)
  await tell('POST', '/api/snooze', { threads: asleep, until: new Date(Date.now() + 86_400_000).toISOString() })
  const { all, mine, snoozed } = await ask('/api/counts')
  console.log(`== on screen: ${all} threads, ${mine} of them mine, ${snoozed} snoozed; ms unless said`)

  const empty = { name: 'an empty page', values: await measure.emptyPages(browser, 15) }
  table.times('first list, the program just started', starts, 300)
  for (const [name, hash] of [
    ['inbox', ''],
    ['all', '#/all'],
    ['mine', '#/mine'],
    ['snoozed', '#/snoozed'],
  ])
    table.times(`first list: ${name}`, await measure.firstLists(browser, origin, cookies, 15, hash), 300, empty)

  const idle = { name: 'an idle frame', values: await measure.frames(page, 40) }
  for (const view of ['inbox', 'mine', 'expiring', 'snoozed', 'all'])
    table.times(`asked: a page of ${view}`, await measure.fetches(page, `/api/threads?view=${view}&limit=50`, 40), null)
  table.times('asked: the counts', await measure.fetches(page, '/api/counts', 40), null)

  const queries = ['garcia', 'maria lopez', 'pedido', '5983', 'mariq gonsalez', 'estado:abierta envio']
  const bare = {
    name: 'asked alone',
    values: await measure.fetches(page, '/api/search?q=garcia&sort=newest&limit=20', 40),
  }
  table.times('keystroke to painted results', await measure.keystrokes(page, queries), 50, bare)

  await page.evaluate(() => (location.hash = '#/all'))
  await page.waitForSelector('[role=option]')
  await page.keyboard.press('j')
  table.times('thread open, painted at its end', await measure.openings(page, 60), 100, idle)
  const long = await longThreads(profile)
  const again = []
  for (let i = 0; i < 10; i++)
    for (const thread of long) {
      const other = await measure.enterAgain(browser, origin, cookies)
      again.push(await measure.opening(other, thread))
      await other.context().close()
    }
  table.times(`thread open: ${longest} messages`, again, 100, idle)

  const still = { name: 'nothing scrolled', values: await measure.scrolling(page, '', 0) }
  await page.evaluate(() => (location.hash = '#/all'))
  table.times('between frames: the list scrolled', await measure.scrolling(page, '[role=listbox]', -30_000), 20, still)
  await measure.opening(page, long[0])
  table.times(
    'between frames: 50 000 messages scrolled',
    await measure.scrolling(page, '[role=log]', 30_000),
    20,
    still,
  )

  const ids = threads.slice(0, 500).map(({ thread }) => thread)
  const [warm, half, whole] = await measure.switches(page, ids, [300, 550, 800])
  table.number(
    'page after 500 switches of thread: heap',
    whole.heap,
    'MB',
    warm.heap * 1.05 + 0.5,
    `${warm.heap.toFixed(1)} before, ${half.heap.toFixed(1)} after 250`,
  )
  table.number(
    'page after 500 switches: nodes',
    whole.nodes,
    'nodes',
    warm.nodes * 1.1 + 200,
    `${warm.nodes} before, ${half.nodes} after 250`,
  )
  table.number(
    'page after 500 switches: listeners',
    whole.listeners,
    'listeners',
    warm.listeners * 1.1 + 50,
    `${warm.listeners} before, ${half.listeners} after 250`,
  )
} finally {
  await browser.close()
  await program?.stop()
  table.print()
}
if (table.over.length > 0) {
  console.log(`over the limit: ${table.over.join('; ')}`)
  process.exitCode = 1
}
