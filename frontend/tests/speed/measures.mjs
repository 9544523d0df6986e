// What is measured: each gives times in ms, taken in the page itself.

import { createServer } from 'node:http'
import { eye } from './eye.mjs'

const wide = { width: 1280, height: 800 }

/** A page that is looked at, in a context of its own: nothing is in its cache. */
async function looking(browser, cookies = []) {
  const context = await browser.newContext({ viewport: wide, locale: 'es-AR' })
  await context.addCookies(cookies)
  await context.addInitScript(eye)
  const page = await context.newPage()
  page.setDefaultTimeout(30_000)
  return page
}

// A browser has a process at hand for what one opens: its start is not the
// page's, and a file of the same address comes first.

/** Opens the session of a program that was just started, and how long its first list took. */
export async function enter(browser, program) {
  const page = await looking(browser)
  await page.goto(`${program.origin}/favicon.svg`)
  await page.goto(program.url)
  const first = await page.evaluate(() => eye.first)
  return { page, first, cookies: await page.context().cookies() }
}

/** One more page of the session, with its first list. */
export async function enterAgain(browser, origin, cookies) {
  const page = await looking(browser, cookies)
  await page.goto(`${origin}/#/all`)
  await page.evaluate(() => eye.first)
  // Nobody has chosen a thread before they saw the list.
  await page.waitForTimeout(500)
  return page
}

/** From the navigation to the painted list, with nothing cached. */
export async function firstLists(browser, origin, cookies, rounds, hash = '') {
  const times = []
  for (let i = 0; i < rounds; i++) {
    const page = await looking(browser, cookies)
    await page.goto(`${origin}/favicon.svg`)
    await page.goto(`${origin}/${hash}`)
    times.push(await page.evaluate(() => eye.first))
    await page.context().close()
  }
  return times
}

/** The same of a page with one row in it and nothing else. */
export async function emptyPages(browser, rounds) {
  const html = '<!doctype html><title>x</title><p role="option">x</p>'
  const server = createServer((_, res) => res.setHeader('Content-Type', 'text/html').end(html))
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    return await firstLists(browser, `http://127.0.0.1:${server.address().port}`, [], rounds)
  } finally {
    server.close()
    server.closeAllConnections()
  }
}

/** From asking to the decoded answer, with nothing drawn. */
export const fetches = (page, path, rounds) =>
  page.evaluate(
    async ({ path, rounds }) => {
      const times = []
      for (let i = 0; i < rounds; i++) {
        const began = performance.now()
        await (await fetch(path, { cache: 'no-store' })).json()
        times.push(performance.now() - began)
      }
      return times
    },
    { path, rounds },
  )

/** From a moment when nothing is to be done to the next frame: what no page can be faster than. */
export const frames = (page, rounds) =>
  page.evaluate(async (rounds) => {
    const times = []
    for (let i = 0; i < rounds; i++) {
      await new Promise((resolve) => setTimeout(resolve, 40 + (i % 7)))
      const began = performance.now()
      times.push((await eye.painted(() => true)) - began)
    }
    return times
  }, rounds)

/** From each key of what is typed into the search to its painted results. */
export async function keystrokes(page, queries) {
  const times = []
  for (const query of queries) {
    await page.keyboard.press('Control+k')
    await page.waitForSelector('[role=combobox]')
    for (let i = 1; i <= query.length; i++) {
      const typed = query.slice(0, i)
      const painted = page.evaluate((typed) => eye.painted(() => eye.searched === typed), typed)
      await page.keyboard.press(query[i - 1])
      times.push((await painted) - (await page.evaluate(() => eye.pressed)))
    }
    const found = await page.locator('[role=listbox] mark').count()
    if (found === 0) throw new Error(`nothing is marked of what ${query} finds`)
    for (let i = 0; i < 2; i++) await page.keyboard.press('Escape')
    await page.waitForSelector('[role=combobox]', { state: 'detached' })
  }
  return times
}

/** From `]` to the next thread, painted at its end. */
export async function openings(page, rounds) {
  const times = []
  for (let i = 0; i < rounds; i++) {
    const before = page.url()
    await page.keyboard.press(']')
    const painted = page.evaluate((before) => {
      const opened = () => location.href !== before && /t_\w+/.exec(location.hash)?.[0]
      return eye.painted(() => opened() && eye.atEnd(opened()))
    }, before)
    times.push((await painted) - (await page.evaluate(() => eye.pressed)))
  }
  return times
}

/** From the click on a link to a thread to its end, painted, where it was never opened before. */
export const opening = (page, thread) =>
  page.evaluate(async (thread) => {
    eye.newest.delete(thread)
    const began = performance.now()
    location.hash = `#/all/${thread}`
    return (await eye.painted(() => eye.atEnd(thread))) - began
  }, thread)

/** Times between frames while something is scrolled by the wheel, or while nothing is. */
export async function scrolling(page, selector, distance) {
  const cdp = await page.context().newCDPSession(page)
  const gather = await page.evaluateHandle(() => eye.frames())
  if (selector) {
    const box = await page.locator(selector).first().boundingBox()
    const [x, y] = [Math.round(box.x + box.width / 2), Math.round(box.y + box.height / 2)]
    const before = await page
      .locator(selector)
      .first()
      .evaluate((pane) => pane.scrollTop)
    const how = { x, y, yDistance: distance, speed: 4000, gestureSourceType: 'mouse' }
    await cdp.send('Input.synthesizeScrollGesture', how)
    const after = await page
      .locator(selector)
      .first()
      .evaluate((pane) => pane.scrollTop)
    if (before === after) throw new Error(`${selector} did not scroll`)
  } else await page.waitForTimeout(2000)
  const times = await gather.evaluate((stop) => stop())
  await cdp.detach()
  return times.slice(1).map((time, i) => time - times[i])
}

/** What a page holds after its garbage is collected. */
export async function held(page) {
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('Performance.enable')
  for (let i = 0; i < 3; i++) await cdp.send('HeapProfiler.collectGarbage')
  const { metrics } = await cdp.send('Performance.getMetrics')
  await cdp.detach()
  const of = (name) => metrics.find((metric) => metric.name === name).value
  return { heap: of('JSHeapUsedSize') / 1e6, nodes: of('Nodes'), listeners: of('JSEventListeners') }
}

/** What a page holds after so many switches of thread, at each of some moments. */
export async function switches(page, threads, moments) {
  const found = []
  const last = Math.max(...moments)
  for (let i = 0; i <= last; i++) {
    if (moments.includes(i)) found.push(await held(page))
    if (i < last) await opening(page, threads[i % threads.length])
  }
  return found
}
