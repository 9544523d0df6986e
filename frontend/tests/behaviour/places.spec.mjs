// Back and Forward over twenty steps, and a reload: the same view, thread and
// place of the list, whatever was shown in between.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { at, comes, keys, offices, opened, row, until } from './office.mjs'

const inOffice = offices({ threads: 600 })

const listbox = (page) => page.locator('[role=listbox]')

/** Scrolls the list so far down, waiting for the rows to be there, and drawn. */
async function scroll(page, px) {
  await until(page, `the list at ${px}`, () =>
    listbox(page).evaluate((each, px) => {
      each.scrollTop = px
      const first = each.querySelector('[role=option]')
      const drawn = Number(first?.getAttribute('aria-posinset')) === Math.max(1, Math.floor(px / 84) - 5)
      return Math.abs(each.scrollTop - px) < 2 && drawn
    }, px),
  )
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

/** All that a place has is there: nothing of it is still being read. */
const whole = (page) =>
  page.evaluate(() => {
    const has = (selector) => document.querySelector(selector) !== null
    if (/^#.(settings|insights)/.test(location.hash)) return has('.settings h2, .insights h2')
    return (
      has('[role=listbox][aria-busy=false]') &&
      (!/t_/.test(location.hash) || (has('.thread h2') && !has('.thread .waiting')))
    )
  })

/** Waits until the screen shows that. */
async function shows(page, wanted, what) {
  await comes(page, what, () => seen(page), wanted)
}

/** Waits until nothing moves any more, and says what is shown. */
async function settled(page) {
  await until(page, 'all of it is there', () => whole(page))
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

test('a list that is left before it has heard that it was scrolled is come back to where it stood', () =>
  inOffice({}, async (page) => {
    await at(page, '#/all')
    await settled(page)
    await scroll(page, 2520)
    await listbox(page).evaluate((each) => {
      each.scrollTop += 10 // which is told with the next frame
      history.pushState(null, '', '#/mine')
      window.dispatchEvent(new PopStateEvent('popstate'))
    })
    await until(page, 'another list', async () => (await seen(page)).hash === '#/mine' && whole(page))
    assert.equal((await settled(page)).top, 0)
    await at(page, '#/all')
    assert.equal((await settled(page)).top, 2520)
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

test('a press opens what is under it, where the list has not the focus and the open thread is out of sight', () =>
  inOffice({}, async (page) => {
    await at(page, '#/all/t_000040')
    await opened(page, 't_000040')
    await scroll(page, 0)
    await page.locator('[role=log]').focus()
    await row(page, 't_000001').click()
    await opened(page, 't_000001')
    await comes(page, 'the list stands', async () => (await seen(page)).top, 0)
  }))

test('a press that opens nothing leaves the keys on the open thread', () =>
  inOffice({}, async (page) => {
    await at(page, '#/all/t_000040')
    await opened(page, 't_000040')
    await row(page, 't_000001').click({ button: 'right' })
    await keys(page, 'Escape')
    await page.waitForSelector('.menu[popover]', { state: 'detached' })
    await until(page, 'the list has the focus', () => listbox(page).evaluate((each) => each === document.activeElement))
    const active = () => page.locator('[data-active]').evaluateAll((all) => all.map((each) => each.dataset.thread))
    assert.deepEqual(
      (await active()).filter((thread) => thread !== 't_000040'),
      [],
    )
  }))
