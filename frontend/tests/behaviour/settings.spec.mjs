// The page of the settings: ways in and out, and what each section does.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { at, keys, offices, row, until } from './office.mjs'

const office = offices({ threads: 60 })

const hash = (page) => page.evaluate(() => location.hash)
const focused = (page) => page.evaluate(() => document.activeElement?.textContent?.trim() ?? '')
const section = (page, name) => page.locator('.settings nav a', { hasText: name })
const opened = (page) => page.waitForSelector('.settings')

test('Ctrl , opens the settings, and Escape goes back to the thread that was open', async () => {
  await office({}, async (page) => {
    await at(page, '#/all/t_000003')
    await page.waitForSelector('[data-message]')
    await keys(page, 'Control+,')
    await opened(page)
    assert.match(await hash(page), /^#\/settings\/\w+$/)
    assert.equal(await page.locator('[role=option]').count(), 0)
    await keys(page, 'Escape')
    await page.waitForSelector('[data-message]')
    assert.equal(await hash(page), '#/all/t_000003')
    await page.goBack()
    await opened(page)
  })
})

test('they open from the sidebar and from the search, and a link comes to a section', async () => {
  await office({}, async (page) => {
    await page.click('.side >> text=Ajustes')
    await opened(page)
    assert.equal(await page.locator('.side [aria-current=page]').innerText(), 'Ajustes')
    await page.goBack()
    await page.waitForSelector('[role=option]')
    await keys(page, 'Control+k')
    await page.keyboard.type('ajustes')
    await page.locator('dialog [role=option]', { hasText: 'Ctrl ,' }).click()
    await opened(page)
    await at(page, '#/settings/appearance')
    assert.equal(await section(page, 'Apariencia').getAttribute('aria-current'), 'page')
    await until(page, 'the heading has the focus', async () => (await focused(page)) === 'Apariencia')
    await page.reload()
    await opened(page)
    assert.equal(await hash(page), '#/settings/appearance')
  })
})

test('no key of the list acts on what is out of sight', async () => {
  await office({}, async (page, fixture) => {
    await keys(page, 'j')
    await keys(page, 'Control+,')
    await opened(page)
    await until(page, 'the heading has the focus', async () => (await focused(page)) !== '')
    await keys(page, 'e', 'm', 'x', 'Enter')
    await keys(page, 'g', 'a')
    await row(page, 't_000001').waitFor()
    assert.deepEqual(
      fixture.asked.filter((each) => each.startsWith('POST /api/changes')),
      [],
    )
  })
})

test('language and theme are painted at once, and kept', async () => {
  await office({}, async (page, fixture) => {
    await at(page, '#/settings/appearance')
    await opened(page)
    await page.getByLabel('Oscuro', { exact: true }).check()
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark')
    await page.getByLabel('English').check()
    await page.getByRole('heading', { name: 'Appearance' }).waitFor()
    await until(page, 'they are kept', () => fixture.state.theme === 'dark' && fixture.state.language === 'en')
  })
})

test('a density is kept, and the rows in sight stay in sight', async () => {
  await office({ threads: 300 }, async (page, fixture) => {
    await at(page, '#/all')
    const list = page.locator('[role=listbox]')
    const first = () =>
      list.evaluate((box) => {
        const { top } = box.getBoundingClientRect()
        const rows = [...box.querySelectorAll('[role=option]')].map((each) => [each, each.getBoundingClientRect()])
        const seen = rows.filter(([, at]) => at.bottom > top + 1).sort(([, a], [, b]) => a.top - b.top)
        const apart = seen.slice(1, 5).map(([, at], i) => at.top - seen[i][1].top)
        return { thread: seen[0][0].dataset.thread, tall: seen.map(([, at]) => at.height), apart }
      })
    for (const down of [4000, 9000, 18_000]) {
      await list.evaluate((box, down) => box.scrollTo(0, down), down)
      await page.waitForTimeout(150)
    }
    const before = await first()
    assert.equal(before.tall[0], 84)
    await keys(page, 'Control+k')
    await page.keyboard.type('compacta')
    await page.locator('dialog [role=option]', { hasText: 'Densidad' }).click()
    await until(page, 'the rows are lower', async () => (await first()).tall.every((tall) => tall === 66))
    const after = await first()
    assert.equal(after.thread, before.thread)
    assert.deepEqual(after.apart, [66, 66, 66, 66])
    await until(page, 'it is kept', () => fixture.state.density === 'compact')
    await at(page, '#/settings/appearance')
    await page.getByLabel('Cómoda').check()
    await page.goBack()
    await until(page, 'the rows are high again', async () => (await first()).tall.every((tall) => tall === 84))
    assert.equal((await first()).thread, before.thread)
  })
})
