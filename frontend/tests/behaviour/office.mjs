// What the tests of behaviour share: an office of their own for each, and
// ways of waiting and pressing.

import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import { complaints, launch } from '../browser.mjs'
import { startFixture } from '../fixture/server.mjs'

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
    page.setDefaultTimeout(15_000)
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
  for (let tries = 0; tries < 200; tries++) {
    if (await holds()) return
    await page.waitForTimeout(50)
  }
  assert.fail(`never: ${what}`)
}

/** Presses keys one after the other. */
export async function keys(page, ...pressed) {
  for (const key of pressed) await page.keyboard.press(key)
}

/** Goes where a hash says. */
export const at = (page, hash) => page.evaluate((hash) => (location.hash = hash), hash)

/** Opens a thread, in the view of all, and waits for its messages. */
export async function open(page, thread) {
  await at(page, `#/all/${thread}`)
  await page.waitForSelector('[data-message]')
}

/** The row of a thread in the list. */
export const row = (page, thread) => page.locator(`[role=option][data-thread="${thread}"]`)
