// Going to a date of a thread, by keyboard, by the calendar and by its address.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { at, comes, hash, keys, offices, open, until } from './office.mjs'

// A Monday afternoon, in the account's zone and in that of the machine's.
const now = Date.parse('2026-04-13T17:02:00Z')
const inOffice = offices({ now, threads: 60 })
const within = (options, act) =>
  inOffice(options, async (page, fixture, context) => {
    await page.clock.setFixedTime(now)
    await page.reload()
    await page.waitForSelector('[role=option]')
    await act(page, fixture, context)
  })

const picker = (page) => page.locator('dialog form input[type=text]')

/** The separator that stands highest in the log, once scrolling has settled. */
async function topDay(page, name) {
  await until(page, `${name} at the top`, () =>
    page.evaluate((name) => {
      const log = document.querySelector('[role=log]')
      const top = log?.getBoundingClientRect().top ?? 0
      const days = [...document.querySelectorAll('.separator')].filter((each) => each.textContent.includes(name))
      return days.some((each) => Math.abs(each.getBoundingClientRect().top - top) < 24)
    }, name),
  )
}

async function pick(page) {
  await page.click('.thread .date')
  await page.waitForSelector('dialog .day.marked')
}

test('a date that is typed is gone to, and Back comes back to the end', () =>
  within({}, async (page, { office }) => {
    const last = office.messagesOf('t_000010').at(-1).message
    await open(page, 't_000010')
    await pick(page)
    await picker(page).pressSequentially('6/4')
    assert.equal(await page.locator('dialog [role=status]').textContent(), 'lunes 6 de abril')
    await keys(page, 'Enter')
    await topDay(page, 'lunes, 6 de abril')
    assert.match(await hash(page), /day=2026-04-06/)
    assert.equal(await page.locator('.thread .notice').count(), 0)
    await page.goBack()
    await page.waitForSelector(`[data-message="${last}"]`)
    assert.doesNotMatch(await hash(page), /day=/)
  }))

test('the days that have messages are marked; arrows go from day to day, Enter goes there', () =>
  within({}, async (page, { office }) => {
    const zone = { timeZone: 'America/Mexico_City' }
    const days = new Set(office.messagesOf('t_000010').map(({ at }) => new Date(at).toLocaleDateString('en-CA', zone)))
    await open(page, 't_000010')
    await pick(page)
    const marked = await page.locator('.day.marked').evaluateAll((all) => all.map((each) => each.dataset.day))
    assert.deepEqual(marked, [...days].filter((day) => day >= '2026-03-30' && day <= '2026-05-03').sort())
    assert.ok(await page.locator('[data-day="2026-04-14"]').isDisabled())
    await keys(page, 'ArrowDown')
    const active = () => page.evaluate(() => document.activeElement.dataset.day)
    await comes(page, 'it begins today', active, '2026-04-13')
    await keys(page, 'ArrowUp', 'ArrowLeft')
    await comes(page, 'a week and a day before', active, '2026-04-05')
    await keys(page, 'Home')
    await comes(page, 'the first of the week', active, '2026-03-30')
    await keys(page, 'PageDown', 'End') // not beyond today
    await comes(page, 'nothing beyond today', active, '2026-04-13')
    await keys(page, 'ArrowUp', 'Enter')
    await topDay(page, 'lunes, 6 de abril')
  }))

test('what is no date is said, and Escape leaves everything as it was', () =>
  within({}, async (page) => {
    await open(page, 't_000010')
    const before = await hash(page)
    await pick(page)
    await picker(page).fill('pedido')
    assert.match(await page.locator('dialog [role=status]').textContent(), /No parece una fecha/)
    await keys(page, 'Enter')
    assert.ok(await page.locator('dialog').isVisible())
    await keys(page, 'Escape')
    await until(page, 'closed', async () => (await page.locator('dialog').count()) === 0)
    assert.equal(await hash(page), before)
  }))

test('on a day without messages what comes next is shown and said; where history is missing it can be asked for', () =>
  within({}, async (page, { office }) => {
    await open(page, 't_000007')
    await pick(page)
    await picker(page).fill('20/1/2024')
    await keys(page, 'Enter')
    const notice = page.locator('.thread .notice')
    assert.match(
      await notice.textContent(),
      /No hay mensajes del sábado 20 de enero de 2024\. Los siguientes son del viernes 10 de abril\./,
    )
    assert.match(await notice.textContent(), /puede faltar/)
    await notice.getByText('Pedir lo que falta').click()
    await until(page, 'asked for', () => office.finding.fetched.some(({ thread }) => thread === 't_000007'))
    await notice.getByLabel('Cerrar').click()
    await comes(page, 'it is closed', () => notice.count(), 0)
    assert.match(await hash(page), /day=2024-01-20/)
  }))

test('after the last message the last is shown', () =>
  within({}, async (page) => {
    await open(page, 't_000050')
    await at(page, '#/all/t_000050?day=2026-04-12')
    await page.waitForSelector('.thread .notice')
    assert.match(await page.locator('.thread .notice').textContent(), /No hay mensajes desde el domingo 12 de abril/)
  }))

test('an address with a day opens there, also on one timeline, and stays there when it is reloaded', () =>
  within({}, async (page) => {
    for (const address of ['#/all/t_000010?day=2026-04-06', '#/all/t_000010?day=2026-04-06&together']) {
      await at(page, address)
      await page.waitForSelector('[data-message]')
      await until(page, 'the 6th in sight', () => page.getByText('lunes, 6 de abril').first().isVisible())
      await page.reload()
      await until(page, 'the 6th in sight again', () => page.getByText('lunes, 6 de abril').first().isVisible())
    }
  }))

test('the same date again goes there again; it is a command of the search box', () =>
  within({}, async (page) => {
    await at(page, '#/all/t_000010?day=2026-04-06')
    await topDay(page, 'lunes, 6 de abril')
    await page.click('.end')
    await until(
      page,
      'scrolled away',
      async () =>
        !(await page
          .getByText('lunes, 6 de abril')
          .first()
          .isVisible()
          .catch(() => false)),
    )
    await keys(page, 'Control+k')
    await page.keyboard.type('ir a una fecha')
    await page.getByRole('option', { name: 'Ir a una fecha' }).click()
    await picker(page).fill('2026-04-06')
    await keys(page, 'Enter')
    await topDay(page, 'lunes, 6 de abril')
  }))
