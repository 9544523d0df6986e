// Links to threads: copied by key, menu and palette, with and without a
// clipboard to write to; and a key that is taken from another command.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { answered, at, comes, hash, keys, offices, open, opened, row, tell, until } from './office.mjs'

const inOffice = offices({ threads: 120 })

const toast = (page) => page.locator('.toast')

/** Keeps what is copied where the test can read it. */
const listen = (page) =>
  page.evaluate(() => {
    window.copied = []
    Object.defineProperty(navigator, 'clipboard', {
      configurable: true,
      value: { writeText: (text) => Promise.resolve(window.copied.push(text)) },
    })
  })

describe('the link to a thread', () => {
  test('is copied by its key, by the row’s menu and from the palette, and said; it opens the thread', () =>
    inOffice({}, async (page, fixture) => {
      await open(page, 't_000003')
      await listen(page)
      const link = `${fixture.origin}/#/t/t_000003`
      await keys(page, 'l')
      await toast(page)
        .getByText(/^Enlace copiado: /)
        .waitFor()
      await row(page, 't_000003').click({ button: 'right' })
      await page.getByRole('menuitem', { name: 'Copiar el enlace' }).click()
      await until(page, 'twice', () => page.evaluate(() => window.copied.length === 2))
      await keys(page, '/')
      await page.keyboard.type('copiar enl')
      await answered(page)
      await page.locator('dialog [role=option]').getByText('Copiar el enlace').waitFor()
      await keys(page, 'Enter')
      await until(page, 'three times', () => page.evaluate(() => window.copied.length === 3))
      assert.deepEqual(await page.evaluate(() => window.copied), [link, link, link])
      await at(page, '#/mine')
      await at(page, link.slice(link.indexOf('#')))
      await opened(page, 't_000003')
      assert.match(await hash(page), /#\/(t|all)\/t_000003/)
    }))

  test('of several that are chosen, one a line', () =>
    inOffice({}, async (page, fixture) => {
      await listen(page)
      await keys(page, 'j', 'x', 'Shift+ArrowDown', 'l')
      await toast(page).getByText('Copiaste 2 enlaces').waitFor()
      const chosen = fixture.office.view('inbox', '').slice(0, 2)
      const [copied] = await page.evaluate(() => window.copied)
      assert.deepEqual(
        copied.split('\n'),
        chosen.map(({ thread }) => `${fixture.origin}/#/t/${thread}`),
      )
    }))

  test('is copied without a clipboard too, and the focus stays; where nothing lets us the link is said', () =>
    inOffice({}, async (page, fixture) => {
      await open(page, 't_000003')
      await page.evaluate(() => {
        Object.defineProperty(navigator, 'clipboard', { configurable: true, value: undefined })
        document.addEventListener('copy', () => (window.copied = document.activeElement.value))
        document.querySelector('[role=listbox]').focus()
      })
      await keys(page, 'l')
      await toast(page)
        .getByText(/^Enlace copiado: /)
        .waitFor()
      assert.equal(await page.evaluate(() => window.copied), `${fixture.origin}/#/t/t_000003`)
      assert.equal(await page.evaluate(() => document.activeElement.role), 'listbox')
      assert.equal(await page.locator('textarea[readonly]').count(), 0)
      await page.evaluate(() => (document.execCommand = () => false))
      await keys(page, 'l')
      await page.getByRole('alert').getByText(`El enlace es ${fixture.origin}/#/t/t_000003`).waitFor()
    }))

  test('has a key that can be chosen', () =>
    inOffice({}, async (page, fixture) => {
      fixture.state.keys = { copy_link: 'w' }
      await page.reload()
      await page.waitForSelector('[role=option]')
      await open(page, 't_000003')
      await listen(page)
      await keys(page, 'l', 'w')
      await toast(page)
        .getByText(/^Enlace copiado: /)
        .waitFor()
      assert.equal(await page.evaluate(() => window.copied.length), 1)
    }))
})

describe('a key that another command has', () => {
  const line = (page, id) => page.locator(`[data-command=${id}]`)

  test('is taken from there when asked; the other is said to be without, and all of it is undone', () =>
    inOffice({}, async (page, fixture) => {
      await at(page, '#/settings/keys')
      await line(page, 'resolve').locator('.slot').first().click()
      await keys(page, 'n')
      await line(page, 'resolve').getByText('«n» ya es de «Escribir una nota»', { exact: false }).waitFor()
      assert.deepEqual(fixture.state.keys, {})
      await keys(page, 'Tab')
      const take = line(page, 'resolve').getByRole('button', { name: 'Quitársela a «Escribir una nota»' })
      await take.focus()
      await keys(page, 'Enter')
      await until(page, 'it is kept', () => fixture.state.keys.resolve?.join() === 'n')
      assert.deepEqual(fixture.state.keys.note, [])
      await toast(page).getByText('«Escribir una nota» quedó sin tecla', { exact: false }).waitFor()
      assert.equal(await line(page, 'resolve').getByRole('alert').count(), 0)
      assert.equal(await line(page, 'note').locator('.slot kbd').count(), 0)
      await toast(page).locator('.undo').click()
      await until(page, 'both have their own', () => Object.keys(fixture.state.keys).length === 0)
    }))

  test('buttons say the key of their command, and follow another choice', () =>
    inOffice({}, async (page, fixture) => {
      await open(page, 't_000003')
      const titles = () =>
        page.evaluate(() =>
          ['assign', 'snooze'].map((each) => document.querySelector(`.thread [data-menu=${each}]`).title),
        )
      await comes(page, 'both have it', titles, ['Asignar (a)', 'Posponer (s)'])
      fixture.state.keys = { assign: 'w', snooze: null }
      await tell(page, fixture, 'state')
      await until(page, 'they follow', async () => (await titles()).join() === 'Asignar (w),Posponer')
      fixture.state.single_keys = false
      await tell(page, fixture, 'state')
      await until(page, 'nor those by themselves', async () => (await titles()).join() === 'Asignar,Posponer')
    }))
})
