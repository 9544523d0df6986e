// Whatever the platforms say is text in the window's engine, too: every text of
// the hostile set, in lists, threads and the search. No dialog opens, no window,
// and nothing is asked of any other address: what would be comes to a proxy.

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import { payloads } from '../hostile/payloads.mjs'
import { startProgram } from '../hostile/program.mjs'
import { guard, harm } from '../hostile/watch.mjs'
import { Browser, key } from './driver.mjs'

let page
let program
let proxy
// What was asked of other addresses.
const asked = []

before(async () => {
  proxy = createServer((req, res) => (asked.push(req.url), res.end()))
  proxy.on('connect', (req, socket) => (asked.push(req.url), socket.destroy()))
  await new Promise((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  program = await startProgram()
  page = await Browser.start({ proxy: `127.0.0.1:${proxy.address().port}` })
  // The proxy hears what goes elsewhere, or the silence below would say nothing.
  await page.go('http://elsewhere.example/heard').catch(() => undefined)
  assert.ok(asked.includes('http://elsewhere.example/heard'))
  await page.go(program.url)
  await page.until('the screen is there', () => document.querySelector('.office') !== null)
  await page.run(guard)
  await page.run(() => {
    globalThis.refused = []
    addEventListener('securitypolicyviolation', (event) => globalThis.refused.push(event.blockedURI))
  })
  await page.eventually('the copy is complete', async () => {
    const state = await page.run(async () => (await fetch('/api/state')).json())
    return state.people_ready && state.accounts.every((each) => each.state === 'up_to_date' && !each.reading)
  })
})

after(async () => {
  await page?.stop()
  await program?.stop()
  proxy?.close()
  proxy?.closeAllConnections()
})

async function unharmed() {
  assert.equal(await page.dialog(), null)
  assert.deepEqual(await page.run(harm), [])
  // What the policy holds back was tried.
  assert.deepEqual(await page.run(() => globalThis.refused), [])
  assert.equal((await page.windows()).length, 1)
  assert.deepEqual(
    asked.filter((url) => !url.startsWith('http://elsewhere.example/')),
    [],
  )
}

const plain = (text) => text.replace(/[\s\u0085\u00a0\ufeff]+/gu, ' ').trim()

/** Every thread, with the texts that it has. */
const threads = () =>
  page.run(async () => {
    const json = async (path) => (await fetch(path)).json()
    const found = []
    for (const view of ['all', 'spam']) {
      let cursor = ''
      do {
        const answer = await json(`/api/threads?view=${view}&limit=200&cursor=${encodeURIComponent(cursor)}`)
        for (const row of answer.threads) found.push({ id: row.thread, view })
        cursor = answer.cursor ?? ''
      } while (cursor)
    }
    for (const thread of found)
      thread.texts = (await json(`/api/threads/${encodeURIComponent(thread.id)}/messages?limit=60`)).messages.map(
        ({ message, text }) => ({ message, text }),
      )
    return found
  })

test('in lists, scrolled to their ends', async () => {
  for (const view of ['all', 'spam']) {
    const { seen, total } = await page.run(async (view) => {
      const total = (await (await fetch('/api/counts')).json())[view]
      location.hash = `#/${view}`
      const seen = new Set()
      for (let tries = 0; tries < 1000 && seen.size < total; tries++) {
        await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
        const list = document.querySelector('[role=listbox]')
        for (const row of list?.querySelectorAll('[role=option]') ?? []) seen.add(row.dataset.thread)
        const top = list?.scrollTop
        list?.scrollBy(0, 420)
        // The end, or as far as it was read: what was passed too fast is seen from the top again.
        if (list?.scrollTop === top && tries % 50 === 49) list?.scrollTo(0, 0)
      }
      return { seen: seen.size, total }
    }, view)
    assert.ok(seen === total && total > 0, `${seen} of ${total} rows of ${view} were seen`)
    await unharmed()
  }
})

test('in threads: every text that a message has', async () => {
  const all = await threads()
  const wanted = new Set(payloads.filter((text) => text.isWellFormed() && plain(text) !== '').map(plain))
  const shown = []
  for (const { id, view, texts } of all) {
    const fresh = texts.filter(({ text }) => wanted.has(plain(text)))
    if (fresh.length === 0) continue
    for (const { text } of fresh) wanted.delete(plain(text))
    shown.push({ id, view, newest: texts.at(-1).message })
  }
  assert.ok(shown.length > 20, `${shown.length} threads have texts of their own`)
  assert.ok(wanted.size < payloads.length / 3, `${wanted.size} texts stand alone in no message`)
  const hrefs = []
  for (const { id, view, newest } of shown) {
    await page.run((hash) => (location.hash = hash), `#/${view}/${encodeURIComponent(id)}`)
    const there = (newest) => document.querySelector(`[data-message="${CSS.escape(newest)}"]`) !== null
    await page.until(`${id} is shown`, there, newest)
    const links = await page.run(async () => {
      // Its frame is drawn, and what a text might begin has begun.
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
      return [...document.querySelectorAll('[role=log] a')].map((link) => link.href)
    })
    hrefs.push(...links)
  }
  assert.ok(hrefs.length > 0)
  for (const href of hrefs) assert.match(href, /^(https?:\/\/|mailto:|tel:)/)
  await unharmed()
})

test('in the search, looked for and found', async () => {
  await page.run(() => (location.hash = '#/all'))
  await page.press([key.Control, 'k'])
  await page.until('the box has the focus', () => document.activeElement?.getAttribute('role') === 'combobox')
  await page.run(
    async (texts) => {
      const field = document.activeElement
      for (const text of texts) {
        field.value = text
        field.dispatchEvent(new Event('input', { bubbles: true }))
        await new Promise((resolve) => setTimeout(resolve, 15))
      }
    },
    [...payloads.map((text) => text.slice(0, 1900)), 'alert'],
  )
  await page.until('what was found is marked', () => document.querySelector('dialog mark') !== null)
  await unharmed()
  await page.press(key.Escape)
})
