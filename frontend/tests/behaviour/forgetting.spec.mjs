// Forgetting a person: said first, meant on purpose, a receipt after, and the
// screen moves on.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { violations } from '../axe.mjs'
import { comes, hash, offices, open, row, until } from './office.mjs'

const thread = 't_000002'
const inOffice = offices({ threads: 60 })

async function ask(page) {
  await open(page, thread)
  await page
    .getByRole('complementary', { name: 'Persona' })
    .getByRole('button', { name: 'Olvidar a esta persona…' })
    .click()
  const dialog = page.getByRole('dialog', { name: '¿Olvidar a esta persona?' })
  await dialog.getByText('de todos los archivos de la copia').waitFor()
  return dialog
}

const posts = (fixture) => fixture.asked.filter((each) => each.startsWith('POST') && each.endsWith('/forget'))

describe('forgetting a person', () => {
  test('says what would go, and does nothing unasked', () =>
    inOffice({}, async (page, fixture) => {
      fixture.office.notes.put(thread, 'llamar', Date.now())
      const dialog = await ask(page)
      const text = await dialog.innerText()
      for (const said of [
        '1 nota o borrador',
        'No se puede deshacer',
        'Waspy y Plática conservan la suya',
        'número más adelante',
      ])
        assert.ok(text.includes(said), said)
      assert.deepEqual(await violations(page), [])
      const focused = await page.evaluate(() => document.activeElement?.textContent?.trim())
      assert.equal(focused, 'Cancelar', 'what cannot be undone does not have the focus')
      await page.keyboard.press('Enter')
      await until(page, 'it is closed', async () => !(await dialog.isVisible()))
      assert.deepEqual(posts(fixture), [])
      await row(page, thread).waitFor()
    }))

  test('offers to export first', () =>
    inOffice({}, async (page, fixture) => {
      const dialog = await ask(page)
      await dialog.getByRole('button', { name: 'Exportar antes…' }).click()
      await page.getByRole('dialog').getByText('CSV').first().waitFor()
      assert.deepEqual(posts(fixture), [])
    }))

  test('shows how far it is, then the receipt, and they are in no list any more', () =>
    inOffice({}, async (page, fixture, context) => {
      await context.grantPermissions(['clipboard-read', 'clipboard-write'])
      let go
      fixture.office.forgetting.held = new Promise((resolve) => (go = resolve))
      const { person } = fixture.office.row(thread)
      const dialog = await ask(page)
      await dialog.getByRole('button', { name: 'Borrar para siempre' }).click()
      const running = page.getByRole('dialog').filter({ hasText: 'Se revisan todos los archivos' })
      await running.waitFor()
      await comes(page, 'how far it is', () => running.getByRole('progressbar').getAttribute('value'), '600000')
      await page.keyboard.press('Escape')
      assert.ok(await running.isVisible(), 'it cannot be called back')
      go()
      const receipt = page.getByRole('dialog').filter({ hasText: 'Constancia f_mwrzq5hd' })
      await receipt.getByText('después no se encontró nada').waitFor()
      assert.deepEqual(await violations(page), [])
      await receipt.getByRole('button', { name: 'Copiar la constancia' }).click()
      await receipt.getByRole('button', { name: 'Copiada' }).waitFor()
      const copied = await page.evaluate(() => navigator.clipboard.readText())
      assert.match(copied, /^Constancia f_mwrzq5hd.*\n.*\n/)
      await until(page, 'the row is gone', async () => (await row(page, thread).count()) === 0)
      assert.ok(!(await hash(page)).includes(thread), 'nothing of them is open')
      assert.equal(posts(fixture).length, 1)
      assert.equal(fixture.office.rows.filter((each) => each.person === person).length, 0)
      await receipt.locator('.answers').getByRole('button', { name: 'Cerrar' }).click()
      await until(page, 'it is closed', async () => !(await receipt.isVisible()))
    }))

  test('says why it could not, and can be tried again', () =>
    inOffice({}, async (page, fixture) => {
      fixture.refuse = (url, body) =>
        url.pathname.endsWith('/forget') && body.confirm ? [500, 'disk', 'El disco está lleno.'] : null
      const dialog = await ask(page)
      await dialog.getByRole('button', { name: 'Borrar para siempre' }).click()
      await dialog.getByRole('alert').filter({ hasText: 'El disco está lleno.' }).waitFor()
      fixture.refuse = null
      await dialog.getByRole('button', { name: 'Borrar para siempre' }).click()
      await page.getByRole('dialog').filter({ hasText: 'Constancia' }).waitFor()
    }))
})
