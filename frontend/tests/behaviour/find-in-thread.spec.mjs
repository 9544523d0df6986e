// Finding words in the thread that is open, by Ctrl F.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { at, comes, hash, keys, offices, open, opened, row, until } from './office.mjs'

const inOffice = offices({ threads: 60 })
const thread = 't_000010'
const fold = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
const hitsOf = (office, words, id = thread) =>
  office
    .messagesOf(id)
    .filter(({ text }) => fold(text).includes(words))
    .map(({ message }) => message)
    .reverse()

const count = (page) => page.locator('search [role=status]')

/** The message that is marked, once it is in sight. */
async function stands(page, message) {
  await until(page, `${message} in sight`, () =>
    page.evaluate((message) => {
      const log = document.querySelector('[role=log]')?.getBoundingClientRect() ?? { top: 0, bottom: 0 }
      const bubble = document.querySelector('.bubble.on')
      const { top, bottom } = bubble?.getBoundingClientRect() ?? { top: -1, bottom: -1 }
      return bubble?.closest('[data-message]').dataset.message === message && top >= log.top && bottom <= log.bottom
    }, message),
  )
}

async function find(page, words) {
  await keys(page, 'Control+f')
  await page.waitForSelector('search input:focus')
  await page.keyboard.type(words)
}

test('goes from the newest hit to the oldest of the whole thread and around, by keys and by buttons', () =>
  inOffice({}, async (page, { office }) => {
    const hits = hitsOf(office, 'turno')
    assert.ok(hits.length > 24, `${hits.length} hits`)
    await open(page, thread)
    await find(page, 'túrno') // accents and case are one
    await stands(page, hits[0])
    await until(page, 'all are counted', async () => (await count(page).textContent()) === `1 de ${hits.length}`)
    await keys(page, 'Enter')
    await stands(page, hits[1])
    await keys(page, 'ArrowUp')
    await stands(page, hits[2])
    await keys(page, 'Shift+Enter', 'ArrowDown', 'ArrowDown') // over the end
    await stands(page, hits.at(-1))
    await comes(page, 'the last of them', () => count(page).textContent(), `${hits.length} de ${hits.length}`)
    await page.click('search button[aria-label^="El siguiente"]')
    await stands(page, hits.at(-2))
    await page.click('search button[aria-label^="El anterior"]')
    await stands(page, hits.at(-1))
    const marked = await page.locator('.bubble.on mark').allTextContents()
    assert.deepEqual(marked.map(fold), ['turno'])
  }))

test('Escape closes it and leaves one there; Back comes back to where one was before', () =>
  inOffice({}, async (page, { office }) => {
    const hits = hitsOf(office, 'talle')
    await open(page, thread)
    const before = await hash(page)
    await find(page, 'talle')
    await stands(page, hits[0])
    // They are read by the page.
    await comes(page, 'all are counted', () => count(page).textContent(), `1 de ${hits.length}`)
    for (let i = 1; i < 12; i++) await keys(page, 'Enter')
    await stands(page, hits[11])
    await keys(page, 'Escape')
    await until(page, 'closed', async () => (await page.locator('search').count()) === 0)
    await stands(page, hits[11])
    await comes(
      page,
      'the log has the focus',
      () => page.evaluate(() => document.activeElement.getAttribute('role')),
      'log',
    )
    assert.equal(await page.locator('mark').count(), 0)
    await until(page, 'the address is there', async () => (await hash(page)).includes(`m=${hits[11]}`))
    await page.reload()
    await stands(page, hits[11])
    await page.goBack()
    await comes(page, 'the address is as before', () => hash(page), before)
    await page.waitForSelector(`[data-message="${office.messagesOf(thread).at(-1).message}"]`)
  }))

test("a second Ctrl F is the browser's own; without a thread it is so at once", () =>
  inOffice({}, async (page) => {
    await page.evaluate(() => {
      window.own = 0
      window.addEventListener('keydown', (event) => {
        if (event.key === 'f' && !event.defaultPrevented) window.own++
      })
    })
    const own = () => page.evaluate(() => window.own)
    await keys(page, 'Control+f')
    assert.equal(await own(), 1)
    await open(page, thread)
    await keys(page, 'Control+f')
    assert.equal(await own(), 1)
    await page.waitForSelector('search input:focus')
    await keys(page, 'Control+f')
    assert.equal(await own(), 2)
    await page.locator('[role=log]').focus()
    await keys(page, 'Control+f')
    assert.equal(await own(), 2)
    await page.waitForSelector('search input:focus')
  }))

test('what is not there, and what is not copied yet, is said', () =>
  inOffice({}, async (page, { office }) => {
    await open(page, 't_000007')
    await find(page, 'zzzz')
    await until(page, 'nothing', async () => (await count(page).textContent()) === 'Nada')
    assert.match(await page.locator('search p').textContent(), /Falta copiar una parte/)
    await page.click('search p button')
    await until(page, 'asked for', () => office.finding.fetched.some(({ thread }) => thread === 't_000007'))
    office.finding.index = { ready: true, waiting: 1200 }
    await open(page, thread)
    assert.equal(await page.locator('search').count(), 0) // it was of the other thread
    await find(page, 'turno')
    await until(page, 'said', async () => (await page.locator('search p').textContent()).startsWith('1.200 mensajes'))
  }))

test('over the one timeline it finds in all threads of the person', () =>
  inOffice({}, async (page, { office }) => {
    const person = office.row('t_000010').person
    const both = office.rows.filter((each) => each.person === person).map((each) => each.thread)
    assert.equal(both.length, 2)
    const all = both.flatMap((id) => office.messagesOf(id).filter(({ text }) => fold(text).includes('gracias')))
    await at(page, `#/all/${thread}?together`)
    await page.waitForSelector('.bubble .from')
    await find(page, 'gracias')
    await until(page, 'all are counted', async () => (await count(page).textContent()) === `1 de ${all.length}`)
  }))

test('what is found is shown as a list, too; another thread is read without it', () =>
  inOffice({}, async (page) => {
    await open(page, thread)
    await page.click('.thread header .search')
    await page.waitForSelector('search input:focus')
    await page.keyboard.type('talle')
    await page.click('search button[aria-label="Ver como lista"]')
    await page.waitForSelector('dialog [role=option]')
    assert.match(await hash(page), /find=talle&in=t_000010/)
    await keys(page, 'Escape')
    await page.waitForSelector('dialog', { state: 'detached' })
    await row(page, 't_000001').click()
    await opened(page, 't_000001')
    assert.equal(await page.locator('search').count(), 0)
  }))
