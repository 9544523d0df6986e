// Everything that the person panel offers, by keyboard, as the sheet of a small window.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { violations } from '../axe.mjs'
import { at, comes, keys, offices, until } from './office.mjs'

const inOffice = offices({ threads: 20 })
const thread = 't_000003' // of two threads of one person
const sheet = (page) => page.locator('dialog[open]')

async function openPanel(page, scenarioThread = thread) {
  await page.setViewportSize({ width: 800, height: 600 })
  await at(page, `#/all/${scenarioThread}?panel`)
  await sheet(page)
    .getByRole('heading', { name: /Conversaciones|Conversations/ })
    .waitFor()
}

/** Tabs through the sheet and says what has had the focus, by name. */
async function reached(page) {
  const names = []
  for (let press = 0; press < 40; press++) {
    const name = await page.evaluate(() => {
      const each = document.activeElement
      const box = each.getBoundingClientRect()
      if (each.closest('dialog') && (box.top < 0 || box.bottom > innerHeight))
        return `out of sight: ${each.textContent}`
      return each.closest('dialog')
        ? (each.getAttribute('aria-label') ?? each.textContent).replaceAll(/\s+/g, ' ').trim()
        : ''
    })
    if (name && names.includes(name) && names[0] === name) break
    if (name) names.push(name)
    await page.keyboard.press('Tab')
  }
  return names
}

for (const [lang, wanted] of Object.entries({
  'es-AR': [
    /^Copiar \+/,
    'No es la misma persona',
    /^Waspy/,
    'Una sola línea de tiempo',
    'Buscar en sus mensajes',
    /^Exportar/,
    'Deshacer',
    /^Olvidar/,
  ],
  en: [
    /^Copy \+/,
    'Not the same person',
    /^Waspy/,
    'One timeline',
    'Search their messages',
    /^Export/,
    'Undo',
    /^Forget/,
  ],
}))
  test(`all of it is reached by Tab and in sight when it is, ${lang}`, () =>
    inOffice({ lang, scenario: 'history' }, async (page) => {
      await openPanel(page)
      for (const name of wanted)
        await sheet(page).locator('button', { hasText: name }).or(sheet(page).getByLabel(name)).first().waitFor()
      const names = await reached(page)
      assert.ok(!names.some((name) => name.startsWith('out of sight')), names.join(' | '))
      for (const each of wanted)
        assert.ok(
          names.some((name) => (each instanceof RegExp ? each.test(name) : name.startsWith(each))),
          `${each} of ${names.join(' | ')}`,
        )
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0)
      assert.deepEqual(await violations(page), [])
    }))

test('a number is copied as it is read, which is said', () =>
  inOffice({}, async (page, { office }, context) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await openPanel(page)
    const { phone } = office.row(thread)
    const button = sheet(page).getByRole('button', { name: `Copiar ${phone}` })
    await button.focus()
    await keys(page, 'Enter')
    await sheet(page).getByText(`Copiado: ${phone}`).waitFor({ state: 'attached' })
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), phone)
    assert.match(phone, /^\+\d+ .*[- ]/)
    const box = await button.boundingBox()
    assert.ok(box.width >= 24 && box.height >= 24)
  }))

test('another thread of theirs opens in place, and one timeline joins both', () =>
  inOffice({}, async (page) => {
    await openPanel(page)
    await sheet(page).getByRole('switch', { name: 'Una sola línea de tiempo' }).press('Space')
    await until(page, 'one timeline', () => page.evaluate(() => location.hash.includes('together')))
    await keys(page, 'Escape')
    await sheet(page).waitFor({ state: 'detached' })
    await page.locator('.bubble .from').first().waitFor()
    await openPanel(page)
    const other = sheet(page).locator('.threads button:not([aria-current])').first()
    await other.focus()
    await keys(page, 'Enter')
    await until(page, 'the other thread', () => page.evaluate(() => location.hash.includes('t_000002')))
  }))

test('one of them is split off by keyboard, by name, and that is taken back', () =>
  inOffice({}, async (page, { office }) => {
    await openPanel(page)
    const ask = sheet(page).getByRole('button', { name: 'No es la misma persona' })
    await ask.focus()
    await keys(page, 'Enter')
    await comes(page, 'it is open', () => ask.getAttribute('aria-expanded'), 'true')
    const buttons = sheet(page).locator('.why li button')
    await until(page, 'whom it is asked of', async () => (await buttons.count()) === 2)
    const label = await buttons.first().getAttribute('aria-label')
    const theirs = office.rows.filter(({ person }) => person === office.row(thread).person)
    assert.ok(
      theirs.some(({ name, account }) => label.includes(name) && label.includes(account)),
      label,
    )
    await buttons.first().focus()
    await keys(page, 'Enter')
    const undo = page.locator('.toast').getByRole('button', { name: /Deshacer/ })
    await undo.waitFor()
    await until(page, 'they are two', async () => (await ask.count()) === 0)
    await undo.click()
    await until(page, 'they are one again', () => ask.isVisible())
  }))
