// Insights: come to by the sidebar, the box and a key; a period and an account
// that are in the address; charts with a table behind each, and a file.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { violations } from '../axe.mjs'
import { at, comes, hash, keys, offices, until } from './office.mjs'

const inOffice = offices({ threads: 30 })
const inInsights = (act, options = {}) =>
  inOffice(options, async (page, ...rest) => {
    await at(page, '#/insights')
    await drawn(page)
    await act(page, ...rest)
  })

const drawn = (page) => page.waitForSelector('.drawn .plot')
const figure = (page, name) => page.getByRole('figure', { name })
const period = (page) => page.getByRole('combobox', { name: 'Período' })
const asked = (fixture) =>
  fixture.asked.filter((each) => each.startsWith('GET /api/insights')).map((each) => each.slice(17))

describe('coming and going', () => {
  test('by the sidebar, by g n and by the box; Escape and Back lead to where one was', () =>
    inOffice({}, async (page) => {
      await at(page, '#/unassigned')
      await page.getByRole('button', { name: 'Estadísticas' }).click()
      await drawn(page)
      await comes(
        page,
        'the heading has the focus',
        () => page.evaluate(() => document.activeElement?.textContent),
        'Estadísticas',
      )
      await page.keyboard.press('Escape')
      await until(page, 'the list is back', async () => (await hash(page)) === '#/unassigned')
      await keys(page, 'g', 'n')
      await drawn(page)
      await page.goBack()
      await page.waitForSelector('[role=listbox]')
      await page.keyboard.press('Control+k')
      await page.keyboard.type('estad')
      await page.getByRole('option', { name: 'Estadísticas' }).click()
      await drawn(page)
      await keys(page, 'g', 'i')
      await page.waitForSelector('[role=option]')
    }))

  test('the first list asks for no figures, and for nothing that draws', () =>
    inOffice({}, async (page, fixture) => {
      assert.deepEqual(asked(fixture), [])
      const loaded = await page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name))
      assert.ok(!loaded.some((name) => /draw|Insights/.test(name)), loaded.join('\n'))
    }))
})

describe('what is counted', () => {
  test('period and account are in the address, and Back goes through them', () =>
    inInsights(async (page, fixture) => {
      await period(page).selectOption('7')
      await until(page, 'the address says so', async () => (await hash(page)) === '#/insights?period=7')
      await page.getByRole('combobox', { name: 'Cuenta' }).selectOption('ventas')
      await until(page, 'and of the account', async () => /account=ventas/.test(await hash(page)))
      await until(page, 'it is asked', () => /from=\d{4}-\d\d-\d\d&account=ventas/.test(asked(fixture).at(-1)))
      await until(page, 'the file is of it', async () =>
        /^\/api\/insights\/days\?from=[\d-]+&to=[\d-]+&account=ventas$/.test(
          await figure(page, 'Mensajes por día').getByRole('link').getAttribute('href'),
        ),
      )
      await page.goBack()
      await page.goBack()
      await until(page, 'the usual period is back', async () => (await hash(page)) === '#/insights')
      await comes(page, 'so does the choice', () => period(page).inputValue(), '28')
    }))

  test('days of one’s own begin with those that are shown', () =>
    inInsights(async (page, fixture) => {
      await period(page).selectOption('own')
      const [from, to] = [page.getByLabel('Desde', { exact: true }), page.getByLabel('Hasta', { exact: true })]
      assert.match(await hash(page), new RegExp(`period=${await from.inputValue()}..${await to.inputValue()}$`))
      await to.fill('2026-03-09')
      await from.fill('2026-03-02')
      await until(page, 'those days are asked', () => asked(fixture).at(-1) === '?from=2026-03-02&to=2026-03-09')
      await page.getByText('del 2 de mar de 2026 al 9 de mar de 2026').waitFor()
    }))

  test('what is impossible is said, and what was shown stays', () =>
    inInsights(async (page) => {
      await at(page, '#/insights?period=2026-03-09..2026-03-02')
      await page.getByRole('alert').getByText('Ese período no es posible').waitFor()
      assert.ok((await page.locator('.drawn .plot').count()) > 0)
      await period(page).selectOption('28')
      await until(page, 'it is not said any more', async () => (await page.getByRole('alert').count()) === 0)
    }))

  test('a failure keeps what was shown, and is tried again', () =>
    inInsights(async (page, fixture) => {
      fixture.refuse = (url) => url.pathname === '/api/insights' && [500, 'failed', '']
      await period(page).selectOption('90')
      const alert = page.getByRole('alert')
      await alert.getByText('Son las cifras de antes').waitFor()
      assert.ok((await page.locator('.drawn .plot').count()) > 0)
      fixture.refuse = undefined
      await alert.getByRole('button').click()
      await until(page, 'it is well', async () => (await alert.count()) === 0)
    }))

  test('the first look over all messages says how far it is', () =>
    inOffice({}, async (page, fixture) => {
      let go
      fixture.insights.steps = 2
      fixture.hold = (url) =>
        url.pathname === '/api/insights' && fixture.insights.steps === 1 && new Promise((done) => (go = done))
      await at(page, '#/insights')
      await page.getByText('por primera vez: 25 %').waitFor()
      assert.equal(await page.getByRole('progressbar').getAttribute('value'), '0.25')
      await until(page, 'it is asked again', () => go !== undefined)
      go()
      await drawn(page)
      await comes(page, 'no bar is left', () => page.getByRole('progressbar').count(), 0)
    }))

  test('the days before Bandeja watched have no number, and it says since when it does', () =>
    inInsights(async (page) => {
      const resolved = figure(page, 'Resueltas por día')
      assert.match(await resolved.innerText(), /solo desde que Bandeja empezó a mirar: \d+ de/)
      await resolved.getByRole('button', { name: 'Tabla' }).click()
      const cells = await resolved.locator('tbody td:nth-child(2)').allInnerTexts()
      assert.equal(cells.length, 28)
      assert.equal(cells.filter((cell) => cell === '–').length, 18)
    }))

  test('nothing said is said, without an empty chart', () =>
    inOffice({}, async (page, fixture) => {
      fixture.insights.quiet = true
      await at(page, '#/insights')
      await figure(page, 'Mensajes por día').getByText('Nada en este período.').waitFor()
      assert.equal(await page.locator('.drawn').count(), 0)
    }))
})

describe('a chart', () => {
  test('says what it shows, and has the same as a table', () =>
    inInsights(async (page) => {
      const messages = figure(page, 'Mensajes por día')
      const image = messages.getByRole('img')
      assert.match(await image.evaluate((node) => node.getAttribute('aria-labelledby')), /title .*text/)
      await messages.getByRole('button', { name: 'Tabla' }).click()
      await comes(
        page,
        'it is pressed',
        () => messages.getByRole('button', { name: 'Tabla' }).getAttribute('aria-pressed'),
        'true',
      )
      assert.equal(await image.count(), 0)
      assert.equal(await messages.getByRole('row').count(), 29)
      const number = (text) => Number(text.replace(/\D/g, ''))
      const cells = await messages.locator('tbody td:nth-child(2)').allInnerTexts()
      const said = await messages.locator('p').innerText()
      assert.equal(
        cells.map(number).reduce((a, b) => a + b),
        number(said.split(' ')[0]),
      )
      await messages.getByRole('button', { name: 'Gráfico' }).click()
      await image.locator('.plot').waitFor()
    }))

  test('is of weeks where days would be too thin', () =>
    inInsights(async (page) => {
      await period(page).selectOption('all')
      const messages = figure(page, 'Mensajes por semana')
      await messages.getByRole('button', { name: 'Tabla' }).click()
      const rows = await messages.locator('tbody tr').count()
      assert.ok(rows >= 57 && rows <= 59, String(rows))
    }))

  test('draws what people wrote as text, and itself without styles of its own', () =>
    inInsights(async (page) => {
      await figure(page, 'Por canal').locator('text', { hasText: '<b>Ventas</b>' }).waitFor()
      assert.equal(await page.locator('.drawn b, .drawn style, .drawn [style]').count(), 0)
    }))

  test('has marks that stand out from the page in both themes', () =>
    inInsights(async (page) => {
      for (const theme of ['light', 'dark']) {
        const ratios = await page.evaluate((theme) => {
          document.documentElement.dataset.theme = theme
          const rgb = (name) => {
            const probe = document.body.appendChild(document.createElement('i'))
            probe.style.color = `var(${name})`
            const [r, g, b] = getComputedStyle(probe)
              .color.match(/[\d.]+/g)
              .map(Number)
            probe.remove()
            const lin = (v) => ((v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
            return 0.2126 * lin(r) + 0.7152 * lin(g) + 0.0722 * lin(b)
          }
          const against = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
          return ['--chart-1', '--chart-2'].flatMap((mark) =>
            ['--bg', '--pane', '--chart-cell'].map((ground) => against(rgb(mark), rgb(ground))),
          )
        }, theme)
        assert.ok(
          ratios.every((ratio) => ratio >= 3),
          `${theme}: ${ratios}`,
        )
      }
    }))

  test('the window, which downloads nothing, saves a table where one says', () =>
    inOffice({ native: true }, async (page, fixture) => {
      await at(page, '#/insights?period=2026-03-01..2026-03-20')
      const link = page.getByRole('figure', { name: 'Mensajes por día' }).getByRole('link')
      await link.waitFor()
      const here = await hash(page)
      await link.click()
      await page.getByText('/home/ana/bandeja-days.csv').waitFor()
      assert.deepEqual(fixture.office.saved, { table: 'days', from: '2026-03-01' })
      assert.equal(await hash(page), here)
    }))

  test('is as wide as there is room, on a narrow screen and at 200 %', () =>
    inInsights(async (page) => {
      for (const width of [640, 400, 1280]) {
        await page.setViewportSize({ width, height: 600 })
        await until(page, `it fits ${width}`, () =>
          page.evaluate(() => {
            const page = document.querySelector('main')
            const plots = [...document.querySelectorAll('.drawn .plot')]
            return (
              page.scrollWidth <= page.clientWidth + 1 &&
              plots.every((plot) => Math.abs(plot.getAttribute('width') - plot.parentElement.clientWidth) <= 1)
            )
          }),
        )
      }
      assert.deepEqual(await violations(page), [])
    }))
})
