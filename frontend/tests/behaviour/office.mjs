// What the tests of behaviour share: an office of their own for each, and
// ways of waiting and pressing.

import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { complaints, launch } from '../browser.mjs'
import { startFixture } from '../fixture/server.mjs'
import { at, withFrames } from '../page.mjs'

export { answered, at, hash } from '../page.mjs'

// Longer than anything takes on a slow machine: only what never comes is waited for so long.
const patienceMs = 30_000

/**
 * A browser for the tests of a file. What it gives runs one test in an office
 * and a page of its own; the page may complain of nothing.
 *
 * @param defaults what each of the file's offices is like
 * @param ready what is waited for before the test begins
 */
export function offices(defaults = {}, ready = '[role=option]') {
  let browser
  before(async () => (browser = await launch()))
  after(() => browser.close())

  return async (options, act) => {
    const fixture = await startFixture({ now: Date.now(), ...defaults, ...options })
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'es-AR' })
    const page = await context.newPage()
    page.setDefaultTimeout(patienceMs)
    const heard = complaints(page)
    try {
      await page.goto(fixture.url)
      await page.waitForSelector(ready)
      await act(page, fixture, context)
      assert.deepEqual(heard, [])
    } finally {
      await context.close()
      await fixture.close()
    }
  }
}

/** Waits until it holds, and says what never did. */
export async function until(page, what, holds) {
  const last = Date.now() + patienceMs
  while (!(await holds())) {
    if (Date.now() > last) assert.fail(`never: ${what}`)
    await page.waitForTimeout(50)
  }
}

/** Waits until something is as it is wanted, and shows what it was at last where it never is. */
export async function comes(page, what, is, wanted) {
  const last = Date.now() + patienceMs
  for (;;) {
    const now = await is()
    if (isDeepStrictEqual(now, wanted)) return
    if (Date.now() > last) assert.deepEqual(now, wanted, what)
    await page.waitForTimeout(50)
  }
}

/** Presses keys one after the other. */
export async function keys(page, ...pressed) {
  for (const key of pressed) await page.keyboard.press(key)
}

/** Waits for the messages of a thread: those of another may still be there. */
export async function opened(page, thread) {
  await page.waitForSelector(`.thread [data-menu=status][data-of="${thread}"]`)
  await page.waitForSelector('[data-message]')
}

/** Opens a thread, in the view of all, and waits for its messages. */
export async function open(page, thread) {
  await at(page, `#/all/${thread}`)
  await opened(page, thread)
}

/** Tells the page something, once it listens. */
export async function tell(page, fixture, event, data = {}) {
  await until(page, 'the stream is open', () => fixture.open.size > 0)
  fixture.tell(event, data)
}

/** Waits until the log has measured what it draws, and scrolls no more: for some frames, however long each takes. */
export async function still(page) {
  await withFrames(page)
  await page.evaluate(async () => {
    let was = ''
    let since = 0
    for (let same = 0; same < 10 || performance.now() - since < 300; same++) {
      await globalThis.frame()
      const log = document.querySelector('[role=log]')
      const first = log?.querySelector('[data-message]')
      const now = [log?.scrollTop, log?.scrollHeight, first?.dataset.message, first?.getBoundingClientRect().top].join()
      if (now === was) continue
      was = now
      same = 0
      since = performance.now()
    }
  })
}

/** The row of a thread in the list. */
export const row = (page, thread) => page.locator(`[role=option][data-thread="${thread}"]`)
