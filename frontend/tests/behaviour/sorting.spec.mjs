// Sorting the list: the menu, the order, the address, and each view by itself.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { at, comes, hash, keys, offices, row, tell, until } from './office.mjs'

const office = offices({ threads: 300 })

const first = (page) => page.locator('[role=option]').first().getAttribute('data-thread')
const button = (page) => page.locator('header button[aria-label^="Ordenar"]')
const choose = async (page, name) => {
  await button(page).click()
  await page.getByRole('menuitemradio', { name }).click()
}

/** What the server would show first. */
const expected = async (page, fixture, query) => {
  const answer = await page.evaluate((query) => fetch(`/api/threads?${query}`).then((each) => each.json()), query)
  return answer.threads.map((each) => each.thread)
}

test('who waits longest comes first, with since when, and the address says so', async () => {
  await office({}, async (page, fixture) => {
    await choose(page, 'Las que esperan hace más')
    const want = await expected(page, fixture, 'view=inbox&sort=waiting&limit=50')
    await until(page, 'the longest waiting is first', async () => (await first(page)) === want[0])
    assert.equal(await hash(page), '#/inbox?sort=waiting')
    assert.match(await row(page, want[0]).locator('time').innerText(), /^espera desde /)
    assert.match(await button(page).getAttribute('aria-label'), /esperan hace más/)
    await page.goBack()
    await until(page, 'the newest is first again', async () => (await first(page)) === 't_000000')
    await page.goForward()
    await until(page, 'and the longest waiting', async () => (await first(page)) === want[0])
    await page.reload()
    await comes(page, 'it is first', () => first(page), want[0])
  })
})

test('every row comes once, to the end, while others move', async () => {
  await office({ threads: 180 }, async (page, fixture) => {
    await at(page, '#/all?sort=waiting')
    const order = () => expected(page, fixture, 'view=all&sort=waiting&limit=200')
    let want = await order()
    const seen = new Set()
    // As far down as that: the rows that are drawn there, in their order.
    const drawn = (top) =>
      page.evaluate((top) => {
        const list = document.querySelector('.scroller')
        list.scrollTo(0, top)
        const rows = [...list.querySelectorAll('[role=option]')]
        const place = (each) => Number(each?.getAttribute('aria-posinset'))
        const covers =
          place(rows[0]) * 84 - 84 <= list.scrollTop && place(rows.at(-1)) * 84 >= list.scrollTop + list.clientHeight
        return covers ? rows.map((each) => [each.dataset.thread, place(each)]) : []
      }, top)
    const end = want.length * 84
    for (let top = 0, step = 0; top < end; top += 500, step++) {
      if (step === 3) {
        fixture.office.write('t_000150', 'hola', Date.now())
        await tell(page, fixture, 'threads', { threads: ['t_000150'] })
        want = await order()
      }
      let rows
      await until(page, `the rows at ${top} are in their order`, async () => {
        rows = await drawn(top)
        return rows.length > 0 && rows.every(([thread, place]) => want[place - 1] === thread)
      })
      for (const [thread] of rows) seen.add(thread)
    }
    assert.equal(seen.size, want.length)
  })
})

test('each view keeps its own sort; the expiring and the snoozed have theirs', async () => {
  await office({ scenario: 'snoozed' }, async (page) => {
    await choose(page, 'Ventana por vencer primero')
    await until(page, 'the address says so', async () => (await hash(page)) === '#/inbox?sort=expiring')
    await keys(page, 'g', 'a')
    await until(page, 'all is by its own', async () => (await hash(page)) === '#/all')
    await keys(page, 'g', 'i')
    await until(page, 'the inbox is as it was', async () => (await hash(page)) === '#/inbox?sort=expiring')
    await choose(page, 'Más nuevas primero')
    await until(page, 'its own sort is none', async () => (await hash(page)) === '#/inbox')
    await at(page, '#/expiring')
    await until(page, 'its own', async () => /vencer primero/.test(await button(page).getAttribute('aria-label')))
    await at(page, '#/snoozed')
    await until(page, 'its own', async () => /vuelven antes/.test(await button(page).getAttribute('aria-label')))
  })
})

test('with a filter, by keyboard, and from the search box', async () => {
  await office({}, async (page, fixture) => {
    await at(page, '#/all?q=etiqueta:vip')
    await page.waitForSelector('.filter .part')
    await button(page).focus()
    await keys(page, 'Enter', 'ArrowDown', 'Enter')
    await until(
      page,
      'sorted and filtered',
      async () => /sort=waiting/.test(await hash(page)) && /q=/.test(await hash(page)),
    )
    await comes(
      page,
      'the button has the focus',
      () => page.evaluate(() => document.activeElement.getAttribute('aria-haspopup')),
      'menu',
    )
    const want = await expected(page, fixture, `view=all&sort=waiting&q=${encodeURIComponent('etiqueta:vip')}`)
    await until(page, 'the rows are', async () => (await first(page)) === want[0])
    await keys(page, 'Control+k')
    await page.keyboard.type('más nuevas')
    await page.locator('dialog [role=option]', { hasText: 'Más nuevas primero' }).click()
    await until(page, 'newest first', async () => !/sort=/.test(await hash(page)))
  })
})
