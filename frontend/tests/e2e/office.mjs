// The real program, as a person has it before them: BANDEJA_URL is the launch
// link that `bandeja demo --serve --still --json` prints. A link is good for one
// session, so all tests share it, in one browser.

import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import { complaints, launch } from '../browser.mjs'
import { answered, hash } from '../page.mjs'

export { answered, at, hash } from '../page.mjs'

export const url = process.env.BANDEJA_URL
assert.ok(url, 'BANDEJA_URL must be the launch link of a running bandeja')
export const { origin } = new URL(url)

export const wide = { width: 1280, height: 800 }
export const small = { width: 800, height: 600 }

// Longer than anything takes on a slow machine: only what never comes is waited for so long.
const patienceMs = 30_000

let browser
let context
let heard = []

before(async () => {
  browser = await launch()
  context = await browser.newContext({ viewport: wide, locale: 'es-AR' })
  const page = await context.newPage()
  heard = complaints(page)
  await page.goto(url)
  await page.waitForSelector('[role=option]')
  assert.ok(!(await hash(page)).includes('k='), 'the launch code stays in the address')
  // The first copy of the demo may still be under way.
  await until(page, 'the copy is complete', async () => {
    const state = await ask(page, '/api/state')
    return state.people_ready && state.accounts.every((account) => account.state === 'up_to_date' && !account.reading)
  })
  await until(page, 'all of it is indexed', async () => {
    const { index } = await ask(page, '/api/search?q=hola&only=messages')
    return index.ready && index.waiting === 0
  })
  await setting(page, { language: 'es-AR', theme: 'light' })
  await page.close()
})

after(async () => {
  await browser?.close()
  assert.deepEqual(heard, [])
})

/** Opens the inbox in a page of its own, does something, and finds no complaint. */
export async function inbox(hash, size, act) {
  const page = await context.newPage()
  page.setDefaultTimeout(patienceMs)
  const complained = complaints(page)
  try {
    await page.setViewportSize(size)
    await page.goto(`${origin}/${hash}`)
    await page.waitForSelector('.office')
    await act(page)
    assert.deepEqual(complained, [])
  } finally {
    await page.close()
  }
}

export const ask = (page, path) => page.evaluate(async (path) => (await fetch(path)).json(), path)

export async function setting(page, settings) {
  await page.evaluate(
    (body) =>
      fetch('/api/settings', {
        method: 'PATCH',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      }),
    settings,
  )
}

export async function until(page, what, holds) {
  for (let tries = 0; tries < 600; tries++) {
    if (await holds()) return
    await page.waitForTimeout(100)
  }
  assert.fail(`never: ${what}`)
}

/**
 * Types into the search box, and waits for the answer to all of it: who stands first after some
 * letters may not be who does after the last.
 */
export async function type(page, text) {
  await page.keyboard.type(text)
  await answered(page)
}

/** One more tab of the session. */
export const tab = () => context.newPage()

/** A browser that was never here. */
export const stranger = () => browser.newContext({ locale: 'es-AR' })

export const rows = (page) => page.waitForSelector('[role=option]')
export const messages = (page) => page.waitForSelector('[data-message]')
export const heading = (page) => page.locator('.thread h2').innerText()
export const nameOf = (row) => row.locator('.name').innerText()
export const active = (page) => page.locator('[data-active]').getAttribute('data-thread')

/** A thread with text in it, and its longest word. */
export async function threadWithWord(page) {
  const { threads } = await ask(page, '/api/threads?view=all&limit=50')
  for (const { thread, name } of threads) {
    const page_ = await ask(page, `/api/threads/${thread}/messages?limit=60`)
    for (const message of page_.messages) {
      const word = (message.text.match(/\p{L}{6,}/gu) ?? []).sort((a, b) => b.length - a.length)[0]
      if (name && word) return { thread, name, word }
    }
  }
  return assert.fail('no thread has a message with a long word')
}
