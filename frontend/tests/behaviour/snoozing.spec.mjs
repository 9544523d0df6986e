// Leaving threads for later, and the view of one's own: who is where, the
// counts, taken back by hand.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { at, comes, keys, offices, opened, row, tell, until } from './office.mjs'

const inOffice = offices({ threads: 120 })

const gone = (page, thread) => row(page, thread).waitFor({ state: 'detached' })
const entry = (page, name) => page.locator('.side nav').first().getByRole('button', { name })
const count = async (page, name) => Number((await entry(page, name).locator('.count').innerText()).replace(/\D/g, ''))
const toast = (page, text) => page.locator('.toast').getByText(text)
const items = (page) => page.locator('.menu').getByRole('menuitem')
const snoozed = (fixture, thread) => fixture.office.row(thread).snoozed
const hourMs = 3_600_000

describe('snoozing', () => {
  test('by key: out of the inbox into its own view, with the counts; z brings it back', () =>
    inOffice({}, async (page, fixture) => {
      await until(
        page,
        'the counts are there',
        async () => (await entry(page, 'Pospuestas').locator('.count').count()) > 0,
      )
      const before = await count(page, 'Bandeja de entrada')
      await keys(page, 'j', 's')
      await items(page).first().waitFor()
      assert.match(await items(page).first().innerText(), /En una hora|Esta noche/)
      await items(page).getByText('En una hora').click()
      await gone(page, 't_000000')
      await until(page, 'it is kept', () => snoozed(fixture, 't_000000'))
      const left = Date.parse(snoozed(fixture, 't_000000').until) - Date.now()
      assert.ok(left > 0.95 * hourMs && left <= hourMs + 1000, `in ${left} ms`)
      await until(page, 'the counts follow', async () => (await count(page, 'Pospuestas')) === 1)
      await comes(page, 'those of the inbox', () => count(page, 'Bandeja de entrada'), before - 1)
      await toast(page, 'Pospuesta hasta').waitFor()
      await keys(page, 'z')
      await row(page, 't_000000').waitFor()
      await comes(page, 'the server knows', () => snoozed(fixture, 't_000000'), null)
      await until(page, 'the counts follow', async () => (await count(page, 'Pospuestas')) === 0)
    }))

  test('several at once from the bar, and g z shows them, the soonest first', () =>
    inOffice({}, async (page, fixture) => {
      fixture.office.snooze(['t_000005'], new Date(Date.now() + hourMs / 2).toISOString())
      await keys(page, 'j', 'x', 'j', 'x')
      await page.click('[data-bulk=snooze]')
      await items(page).getByText('Mañana', { exact: true }).click()
      await toast(page, 'Pospusiste 2 conversaciones').waitFor()
      await gone(page, 't_000000')
      await gone(page, 't_000001')
      assert.equal(await page.locator('.bulk').count(), 0)
      await keys(page, 'g', 'z')
      await until(page, 'the view', async () => (await page.locator('[role=option]').count()) === 3)
      await comes(
        page,
        'the soonest is first',
        () => page.locator('[role=option]').first().getAttribute('data-thread'),
        't_000005',
      )
      // Each by the clock of its own account.
      for (const [thread, zone] of [
        ['t_000000', 'America/Argentina/Buenos_Aires'],
        ['t_000001', 'America/Mexico_City'],
      ]) {
        const there = new Date(snoozed(fixture, thread).until).toLocaleTimeString('en-GB', { timeZone: zone })
        assert.equal(there, '09:00:00', thread)
      }
    }))

  test('until a date and a time; one that has passed is said', () =>
    inOffice({}, async (page, fixture) => {
      await keys(page, 'j', 's', 'End', 'Enter')
      const when = page.getByLabel('Fecha y hora')
      await when.evaluate((input) => input.removeAttribute('min'))
      await when.fill('2020-01-01T10:30')
      await keys(page, 'Enter')
      await page.getByRole('alert').getByText('Elegí un momento que no haya pasado.').waitFor()
      await when.fill('2031-04-14T10:30')
      await page.locator('.menu').getByRole('button', { name: 'Posponer' }).click()
      await gone(page, 't_000000')
      assert.equal(snoozed(fixture, 't_000000').until, '2031-04-14T13:30:00.000Z')
    }))

  test('ends by hand, from the view', () =>
    inOffice({ scenario: 'snoozed' }, async (page, fixture) => {
      await keys(page, 'g', 'z')
      await row(page, 't_000007').waitFor()
      await keys(page, 'j', 's')
      await items(page).getByText('Dejar de posponer').click()
      await gone(page, 't_000007')
      await comes(page, 'the server knows', () => snoozed(fixture, 't_000007'), null)
      await toast(page, 'Ya no está pospuesta').waitFor()
    }))

  test('ends by its time and by a message, marked as what it was until it is opened', () =>
    inOffice({ scenario: 'snoozed' }, async (page, fixture) => {
      await row(page, 't_000001').getByText('de vuelta', { exact: true }).waitFor()
      assert.equal(await row(page, 't_000007').count(), 0)
      fixture.office.write('t_000007', '¿Y?')
      await tell(page, fixture, 'threads', { threads: ['t_000007'] })
      await row(page, 't_000007').getByText('de vuelta: escribió', { exact: true }).waitFor()
      await row(page, 't_000007').click()
      await opened(page, 't_000007')
      await comes(page, 'the server knows', () => snoozed(fixture, 't_000007'), null)
      await tell(page, fixture, 'threads', { threads: ['t_000007'] })
      await row(page, 't_000007').locator('[data-snoozed]').waitFor({ state: 'detached' })
    }))

  test('that the server refuses is taken back, and said why', () =>
    inOffice({}, async (page, fixture) => {
      fixture.refuse = (url) => (url.pathname === '/api/snooze' ? [507, 'disk_full', 'El disco está lleno.'] : null)
      await keys(page, 'j', 's')
      await items(page).getByText('En una hora').click()
      await page.getByRole('alert').getByText('No se hizo el cambio. El disco está lleno.').waitFor()
      await row(page, 't_000000').locator('[data-snoozed]').waitFor({ state: 'detached' })
      assert.equal(await row(page, 't_000000').count(), 1)
    }))
})

describe('the view of one’s own', () => {
  test('has what is assigned to one, and its count', () =>
    inOffice({}, async (page) => {
      await keys(page, 'g', 'm')
      await page.waitForFunction(() => location.hash === '#/mine')
      await until(page, 'all are mine', async () => {
        const all = await page.locator('[role=option] .assignee').allInnerTexts()
        return all.length > 0 && all.every((text) => text.startsWith('ana') || text.startsWith('Ana'))
      })
      await until(
        page,
        'they are counted',
        async () => (await count(page, 'Mías')) === (await page.locator('[role=option]').count()),
      )
    }))

  test('asks who one is where nobody has said, and then fills', () =>
    inOffice({}, async (page, fixture) => {
      await at(page, '#/mine?account=ventas')
      await page.getByRole('heading', { name: '¿Cuáles son tuyas?' }).waitFor()
      assert.equal(await entry(page, 'Mías').locator('.count').count(), 0)
      await page.getByRole('button', { name: 'Decir quién soy en ventas' }).click()
      const who = page.getByRole('dialog', { name: '¿Quién sos en ventas?' })
      await who.getByLabel('Ana').check()
      await who.getByRole('button', { name: 'Soy yo' }).click()
      await page.waitForSelector('dialog', { state: 'detached' })
      await tell(page, fixture, 'threads', { threads: null })
      await page.waitForSelector('[role=option]')
      await until(page, 'it is counted', async () => (await count(page, 'Mías')) > 0)
    }))
})
