// Whatever the platforms say is text: over the real program, in a browser, in
// every place that shows any of it.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { complaints, launch } from '../browser.mjs'
import { at } from '../page.mjs'
import { payloads } from './payloads.mjs'
import { startProgram } from './program.mjs'
import { guard, harm } from './watch.mjs'

let browser
let context
let page
let program
// What must not happen anywhere, ever.
const happened = []
let threads = []
const said = new Map()

before(async () => {
  program = await startProgram()
  browser = await launch()
  context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'es-AR' })
  await context.addInitScript(guard)
  context.on('request', (request) => {
    const url = request.url()
    if (!url.startsWith(`${program.origin}/`) && !url.startsWith('data:image/svg')) happened.push(`a request to ${url}`)
  })
  context.on('page', (opened) => opened !== page && page && happened.push(`a window: ${opened.url()}`))
  context.on('dialog', (dialog) => (happened.push(`a dialog: ${dialog.message()}`), dialog.dismiss()))
  page = await context.newPage()
  page.setDefaultTimeout(30_000)
  const heard = complaints(page)
  page.heard = heard
  await page.goto(program.url)
  await page.waitForSelector('.office')
  await until('the copy is complete', async () => {
    const state = await ask('/api/state')
    return state.people_ready && state.accounts.every((each) => each.state === 'up_to_date' && !each.reading)
  })
  threads = await all()
})

after(async () => {
  await browser?.close()
  await program?.stop()
})

const ask = (path) => page.evaluate(async (path) => (await fetch(path)).json(), path)
const go = (hash) => at(page, hash)

async function until(what, holds) {
  const last = Date.now() + 60_000
  while (!(await holds())) {
    if (Date.now() > last) assert.fail(`never: ${what}`)
    await page.waitForTimeout(50)
  }
}

async function all() {
  const found = []
  for (const view of ['all', 'spam']) {
    let cursor = ''
    do {
      const answer = await ask(`/api/threads?view=${view}&limit=200&cursor=${encodeURIComponent(cursor)}`)
      found.push(...answer.threads)
      cursor = answer.cursor ?? ''
    } while (cursor)
  }
  return found
}

async function unharmed() {
  assert.deepEqual(await page.evaluate(harm), [])
  assert.deepEqual(happened, [])
  assert.deepEqual(page.heard, [])
}

/** As it is read: white space is one blank, and what has no shape of its own is nothing. */
const plain = (text) => text.replace(/[\s\u0085\u00a0\ufeff]+/gu, ' ').trim()
/** Without the marks of WhatsApp's bold and the like, which are drawn and not written. */
const unmarked = (text) => text.replace(/[\s\u0085*_~`]+/gu, '')

test('there are 200 texts and more, and each came through to the program', async () => {
  assert.ok(payloads.length >= 200, `${payloads.length}`)
  const asked = await page.evaluate(
    async (ids) => {
      const read = async (id) => (await fetch(`/api/threads/${encodeURIComponent(id)}/messages?limit=500`)).json()
      const answers = []
      while (ids.length > 0) answers.push(...(await Promise.all(ids.splice(0, 6).map(read))))
      return answers
    },
    threads.map(({ thread }) => thread),
  )
  threads.forEach(({ thread }, i) => said.set(thread, asked[i].messages))
  const texts = [...said.values()].flat().map(({ text }) => plain(text))
  const inMessages = new Set(texts)
  // What no JSON can carry is replaced on the way.
  const carried = payloads.filter((text) => text.isWellFormed() && plain(text) !== '')
  const lost = carried.filter(
    (text) => !inMessages.has(plain(text)) && !texts.some((each) => each.includes(plain(text))),
  )
  assert.deepEqual(lost, [])
  for (const field of ['name', 'topic', 'platform', 'status_word', 'channel']) {
    const seen = new Set(threads.map((row) => row[field]))
    assert.ok(seen.size > 30, `${field}: ${seen.size}`)
  }
  for (const field of ['tags', 'assignees']) assert.ok(new Set(threads.flatMap((row) => row[field])).size > 60, field)
})

const rowPx = 84

/** The rows that are drawn so far down in the list; none before they are all there. */
const drawnAt = (top) =>
  page.evaluate(
    ([top, px]) => {
      const list = document.querySelector('[role=listbox]')
      list.scrollTo(0, top)
      const rows = [...list.querySelectorAll('[role=option]')]
      const place = (row) => Number(row?.getAttribute('aria-posinset'))
      const from = (place(rows[0]) - 1) * px <= list.scrollTop
      const to =
        place(rows.at(-1)) * px >= Math.min(top + list.clientHeight, Number(rows[0]?.getAttribute('aria-setsize')) * px)
      return from && to
        ? rows.map((row) => ({ thread: row.dataset.thread, name: row.querySelector('.name')?.textContent ?? '' }))
        : []
    },
    [top, rowPx],
  )

test('in the list every name, preview, status and assignee is read as it is written', async () => {
  const names = new Map(threads.map((row) => [row.thread, row.name || row.phone]))
  const seen = new Set()
  for (const view of ['all', 'spam']) {
    await go(`#/${view}`)
    await page.waitForSelector('[role=option]')
    const counts = await ask('/api/counts')
    for (let top = 0; top < counts[view] * rowPx; top += 560) {
      let rows
      await until(`the rows at ${top} are drawn`, async () => (rows = await drawnAt(top)).length > 0)
      for (const { thread, name } of rows) {
        seen.add(thread)
        if (plain(names.get(thread)) !== '') assert.equal(plain(name), plain(names.get(thread)))
      }
      await unharmed()
    }
  }
  assert.ok(seen.size >= threads.length - 5, `${seen.size} of ${threads.length} were seen`)
})

test('in threads every message and the person beside them is read as it is written', async () => {
  const wanted = new Set(payloads.map(plain))
  let opened = 0
  for (const row of threads) {
    const messages = said.get(row.thread)
    const fresh = messages.filter(({ text }) => wanted.has(plain(text)))
    if (fresh.length === 0) continue
    for (const { text } of fresh) wanted.delete(plain(text))
    await go(`#/all/${encodeURIComponent(row.thread)}`)
    const newest = messages.at(-1).message
    await page.waitForSelector(`[data-message="${newest}"]`, { state: 'attached' })
    const texts = new Map(messages.map(({ message, text }) => [message, text]))
    const drawn = await page
      .locator('[data-message]')
      .evaluateAll((all) => all.map((each) => [each.dataset.message, each.querySelector('.rich')?.textContent ?? null]))
    for (const [id, text] of drawn) {
      if (text !== null && texts.has(id)) assert.equal(unmarked(text), unmarked(texts.get(id)))
    }
    const hrefs = await page.locator('[role=log] a').evaluateAll((links) => links.map((link) => link.href))
    for (const href of hrefs) assert.match(href, /^(https?:\/\/|mailto:|tel:)/)
    await unharmed()
    opened++
  }
  assert.ok(opened > 20, `${opened} threads were opened`)
  assert.ok(wanted.size < payloads.length / 3, `${wanted.size} texts stood alone in no message`)
})

describe('where texts stand among others', () => {
  test('the search marks them, and takes them for words', async () => {
    await go('#/all')
    await page.waitForSelector('[role=option]')
    await page.keyboard.press('Control+k')
    const field = page.locator('dialog input')
    for (const text of ['alert', 'script', 'evil', 'proto', 'maria', ...payloads.filter((_, i) => i % 9 === 0)]) {
      await field.fill(text.slice(0, 1900))
      await page.waitForTimeout(60)
      await unharmed()
    }
    await field.fill('alert')
    await page.locator('dialog mark').first().waitFor()
    await unharmed()
    await page.keyboard.press('Escape')
    await page.waitForSelector('dialog', { state: 'detached' })
  })

  test('a change says whom it is of, the menu who there is, the tray what waits, the history what was', async () => {
    const chosen = threads
      .filter((row) => /[<\u202e]/u.test(row.name) && row.status !== 'spam' && !row.gone)
      .slice(0, 6)
    assert.ok(chosen.length > 3)
    program.platforms.refusing = true
    for (const row of chosen) {
      await go(`#/all/${encodeURIComponent(row.thread)}`)
      await page.waitForSelector(`.thread [data-menu=status][data-of="${row.thread}"]`)
      await page.keyboard.press(row.status === 'open' ? 'e' : 'o')
      await page.locator('.toast').waitFor()
      await unharmed()
      await page.keyboard.press('a')
      await page.waitForSelector('.menu[popover] [role=option]')
      await unharmed()
      await page.keyboard.press('Escape')
      await page.waitForSelector('.menu[popover]', { state: 'detached' })
    }
    await go('#/all')
    await page.keyboard.press('g')
    await page.keyboard.press('t')
    await page.locator('[data-entry]').first().waitFor()
    await until('a change was refused', async () => (await ask('/api/state')).outbox.attention > 0)
    await page.waitForTimeout(600)
    await unharmed()
    await page.keyboard.press('Escape')
    await page.waitForSelector('dialog', { state: 'detached' })
  })

  test('a platform that fails, and says so with them, is told of in the program’s own words', async () => {
    program.platforms.failing = true
    await page.evaluate(() =>
      fetch('/api/sync', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"account":""}' }),
    )
    await until('it fails', async () => (await ask('/api/state')).accounts.some((each) => each.error_kind !== ''))
    await page.waitForTimeout(600)
    const { accounts } = await ask('/api/state')
    for (const { error } of accounts)
      assert.ok(!payloads.some((text) => text.length > 8 && error?.includes(text)), error)
    await unharmed()
    await page
      .getByRole('button', { name: /^Ver la cuenta/ })
      .first()
      .click()
    await page.waitForSelector('.settings tbody tr')
    await unharmed()
    await page.keyboard.press('Escape')
    program.platforms.failing = false
  })

  test('a filter and a note of one are text, too', async () => {
    for (const text of payloads.filter((_, i) => i % 23 === 0)) {
      await go(`#/all?q=${encodeURIComponent(text)}`)
      await page.waitForTimeout(80)
      await unharmed()
    }
    const [row] = threads
    await go(`#/all/${encodeURIComponent(row.thread)}`)
    const box = page.getByRole('textbox', { name: 'Nota interna' })
    const texts = [
      '<img src=x onerror=pwned=alert(1)>',
      '\u202eadatlov',
      'javascript:pwned=alert(1) https://tienda.example/',
    ]
    for (const [i, text] of texts.entries()) {
      await box.fill(text)
      await box.press('Control+Enter')
      const note = page.locator('[role=log] [data-note]').nth(i)
      await note.waitFor()
      assert.equal(plain(await note.locator('.rich').innerText()), plain(text))
    }
    await unharmed()
  })
})
