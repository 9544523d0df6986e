// What takes long and waits for its end: how far it is, and what nobody can ask about it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { violations } from '../axe.mjs'
import { at, comes, offices, until } from './office.mjs'

const office = offices({ threads: 20 })

const button = (page, name) => page.getByRole('button', { name, exact: true })

/** Begins a backup that is not made before that is let go. */
async function backingUp(page, { backups }) {
  await at(page, '#/settings/data')
  await page.getByText('Unos 1,4 GB más, antes de comprimir.').waitFor()
  let letGo
  backups.held = new Promise((resolve) => (letGo = resolve))
  await button(page, 'Guardar respaldo').click()
  return letGo
}

for (const theme of ['light', 'dark']) {
  test(`a backup shows how far it is, step by step, and nothing of that once it is made (${theme})`, () =>
    office({ theme }, async (page, { office }) => {
      const letGo = await backingUp(page, office)
      const bar = page.getByRole('progressbar', { name: 'Guardar un respaldo' })
      await page.getByText('Copiando: 600 MB de 1,4 GB').waitFor()
      assert.equal(await bar.getAttribute('value'), '600000000')
      assert.equal(await bar.getAttribute('max'), '1440000000')
      assert.equal(await page.getByRole('status').getByText('Guardando y revisando…').count(), 1)
      assert.deepEqual(await violations(page), [])
      office.backups.progress = { running: true, step: 'proving', done: 0, total: 0 }
      await page.getByText('Copiado; se comprueba que esté sano…').waitFor()
      assert.equal(await bar.evaluate((each) => each.position), -1)
      office.backups.progress = { running: true, step: 'checking', done: 1_300_000, total: 1_440_000_000 }
      await page.getByText('Leyendo de nuevo lo guardado: 1,3 MB de 1,4 GB').waitFor()
      letGo()
      await page.getByText('Hecho y revisado').waitFor()
      await comes(page, 'the bar is gone', () => bar.count(), 0)
      assert.equal(await page.getByText('Leyendo de nuevo').count(), 0)
    }))
}

test('that nobody answers how far a backup is stops nothing', () =>
  office({}, async (page, fixture) => {
    const look = (url, body) => url.pathname === '/api/backups' && !('passphrase' in body)
    fixture.refuse = (url, body) => (look(url, body) ? [500, 'unexpected', 'Algo salió mal.'] : undefined)
    const letGo = await backingUp(page, fixture.office)
    await until(page, 'it was asked', () => fixture.asked.filter((each) => each === 'GET /api/backups').length > 1)
    assert.equal(await page.locator('progress').evaluate((each) => each.position), -1)
    assert.equal(await page.getByRole('alert').filter({ hasText: 'Algo salió mal.' }).count(), 0)
    letGo()
    await page.getByText('Hecho y revisado').waitFor()
  }))

test('nor does it stop an export in the window', () =>
  office({ native: true }, async (page, fixture) => {
    let letGo
    fixture.office.exports.held = new Promise((resolve) => (letGo = resolve))
    fixture.refuse = (url) => (url.pathname === '/api/exports/e_0' ? [500, 'unexpected', 'Algo salió mal.'] : undefined)
    await button(page, 'Exportar…').click()
    await page.locator('dialog .button.main').click()
    await until(page, 'it was asked', () => fixture.asked.filter((each) => each === 'GET /api/exports/e_0').length > 1)
    letGo()
    await page.getByText('Archivo guardado: /home/ana/bandeja-maria.xlsx').waitFor()
  }))

test('an export of which nobody knows how many rows there will be shows no bar that is full', () =>
  office({}, async (page, { office }) => {
    let letGo
    office.exports.held = new Promise((resolve) => (letGo = resolve))
    office.exports.total = null
    await button(page, 'Exportar…').click()
    await page.locator('dialog .button.main').click()
    await page.getByText('400 filas').waitFor()
    const bar = page.locator('dialog progress')
    assert.equal(await bar.evaluate((each) => each.position), -1) // of one that does not know its end
    letGo()
    await page.getByText('Listo: ').waitFor()
  }))
