// Back and Forward over twenty steps, and a reload: the same view, thread and
// place of the list, whatever was shown in between.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { at, keys, offices, row, until } from './office.mjs'

const inOffice = offices({ threads: 600 })

const listbox = (page) => page.locator('[role=listbox]')
const top = (page) => listbox(page).evaluate((each) => each.scrollTop)

/** Scrolls the list so far down, waiting for the rows to be there. */
async function scroll(page, px) {
  await until(page, `the list at ${px}`, async () => {
    await listbox(page).evaluate((each, px) => (each.scrollTop = px), px)
    return Math.abs((await top(page)) - px) < 2
  })
  await page.waitForTimeout(50)
}

/** What the screen shows: the address, and of each page what says that it is that one. */
async function seen(page) {
  return page.evaluate(() => {
    const text = (selector) => document.querySelector(selector)?.textContent.trim() ?? ''
    const list = document.querySelector('[role=listbox]')
    return {
      hash: location.hash,
      view: list?.getAttribute('aria-label') ?? '',
      top: list?.scrollTop ?? 0,
      thread: text('.thread h2'),
      page: text('.settings h2, .insights h2'),
      search: document.querySelector('dialog input')?.value ?? '',
    }
  })
}

/** Waits until the screen shows that. */
async function shows(page, wanted, what) {
  let now
  for (let tries = 0; tries < 100; tries++) {
    now = await seen(page)
    if (JSON.stringify(now) === JSON.stringify(wanted)) return
    await page.waitForTimeout(50)
  }
  assert.deepEqual(now, wanted, what)
}

/** Waits until nothing moves any more, and says what is shown. */
async function settled(page) {
  let before = ''
  for (let same = 0; same < 4;) {
    const now = JSON.stringify(await seen(page))
    same = now === before ? same + 1 : 0
    before = now
    await page.waitForTimeout(50)
  }
  return JSON.parse(before)
}

const opens = (n) => async (page) => {
  await page.locator('[role=option]').nth(n).click()
  await page.waitForSelector('.thread h2')
}

const steps = [
  ['a thread', opens(2)],
  ['another thread', opens(4)],
  ['all', (page) => keys(page, 'g', 'a')],
  ['a thread of all, far down', opens(8), 2520],
  ['its neighbour', (page) => keys(page, ']')],
  ['the statistics', (page) => keys(page, 'g', 'n')],
  ['settings', (page) => keys(page, 'Control+,')],
  ['the keys', (page) => at(page, '#/settings/keys')],
  ['back in all', (page) => keys(page, 'g', 'a')],
  ['mine', (page) => keys(page, 'g', 'm')],
  ['spam', (page) => keys(page, 'g', 's')],
  ['an account', (page) => at(page, '#/all?account=ventas')],
  ['a filter', (page) => at(page, '#/all?q=estado:abierta')],
  ['a thread of it', opens(9), 840],
  ['a sort', (page) => at(page, '#/inbox?sort=waiting')],
  ['unassigned', (page) => keys(page, 'g', 'u')],
  ['a thread of those', opens(2)],
  ['the search', async (page) => (await keys(page, '/'), await page.keyboard.type('mar'))],
  ['the search closed', (page) => keys(page, 'Escape')],
  ['needs reply', (page) => keys(page, 'g', 'r')],
  ['the inbox', (page) => keys(page, 'g', 'i')],
]

test('twenty steps, back over all of them, and forward again', () =>
  inOffice({}, async (page) => {
    const places = [await settled(page)]
    for (const [, go, down] of steps) {
      if (down) {
        await scroll(page, down)
        places[places.length - 1] = await settled(page) // it is come back to as it was left
      }
      await page.evaluate(() => document.activeElement?.blur())
      await go(page)
      places.push(await settled(page))
    }
    const length = await page.evaluate(() => history.length)
    const walked = []
    let here = places.at(-1).hash
    for (let i = places.length - 2; i >= 0; i--) {
      if (places[i].search !== '' || places[i].hash === here) continue // a search that was left is no place
      here = places[i].hash
      await page.goBack({ waitUntil: 'commit' })
      await shows(page, places[i], `back to ${steps[i - 1]?.[0] ?? 'the beginning'}`)
      walked.push(i)
    }
    assert.ok(walked.length >= 18, `${walked.length} places`)
    for (const i of walked.reverse().slice(1)) {
      await page.goForward({ waitUntil: 'commit' })
      await shows(page, places[i], `forward to ${steps[i - 1][0]}`)
    }
    assert.equal(await page.evaluate(() => history.length), length, 'going back makes no new place')
  }))

test('a reload comes back to the view, the thread and the place of the list, also far down', () =>
  inOffice({}, async (page) => {
    await at(page, '#/all')
    await settled(page)
    await scroll(page, 12_600 + 21)
    const first = await page.locator('[role=option]').nth(8).getAttribute('data-thread')
    await row(page, first).click()
    await page.waitForSelector('.thread h2')
    const before = await settled(page)
    assert.equal(before.top, 12_621)
    await page.reload()
    await shows(page, before, 'after a reload')
    await row(page, first).and(page.locator('[aria-current=true]')).waitFor()
    await page.reload()
    await shows(page, before, 'after another')
    await keys(page, 'g', 'i')
    assert.equal((await settled(page)).top, 0, 'another view begins at its top')
  }))
