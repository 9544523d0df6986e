// Saving a backup, on the settings page.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { violations } from '../axe.mjs'
import { at, comes, keys, offices, until } from './office.mjs'

const office = offices({ threads: 20 })

const button = (page, name) => page.getByRole('button', { name, exact: true })
const save = (page) => button(page, 'Guardar respaldo')
const focused = (page) => page.evaluate(() => document.activeElement.textContent.trim())

async function settings(page) {
  await at(page, '#/settings/data')
  await page.getByText('Unos 1,4 GB más, antes de comprimir.').waitFor()
}

/** Types a passphrase, and the same or another again. */
async function phrase(page, first, second = first) {
  await page.getByLabel('Frase (opcional)').fill(first)
  await page.getByLabel('La misma otra vez').fill(second)
}

test('a browser downloads it, by keys alone, and the passphrase is in no field afterwards nor in any address', () =>
  office({}, async (page, fixture) => {
    await settings(page)
    await page.getByRole('switch', { name: 'Con la copia de las conversaciones' }).focus()
    await keys(page, 'Space', 'Tab')
    await page.keyboard.type('una frase larga')
    await keys(page, 'Tab')
    await page.keyboard.type('una frase larga')
    await keys(page, 'Tab')
    const [file] = await Promise.all([page.waitForEvent('download'), keys(page, 'Enter')])
    assert.equal(file.suggestedFilename(), 'bandeja-2026-04-13.bandeja')
    assert.equal(await readFile(await file.path(), 'utf8'), 'BANDEJA BACKUP b_1')
    await page.getByText('Hecho y revisado: bandeja-2026-04-13.bandeja, 620 MB. El navegador lo está').waitFor()
    assert.deepEqual(fixture.office.backups.asked, [{ with_cache: true, passphrase: 'una frase larga' }])
    await comes(page, 'the button has the focus', () => focused(page), 'Guardar respaldo')
    assert.equal(await page.getByText('No está protegido').count(), 0)
    for (const each of await page.locator('input[type=password]').all()) {
      assert.equal(await each.inputValue(), '')
      assert.equal(await each.getAttribute('autocomplete'), 'new-password')
    }
    assert.ok(!fixture.asked.some((each) => each.includes('frase')))
  }))

test('two that are not the same are said before anything is sent', () =>
  office({}, async (page, fixture) => {
    await settings(page)
    await phrase(page, 'una frase', 'otra frase')
    await save(page).click()
    await page.getByRole('alert').getByText('Las dos no son iguales. No se guardó nada.').waitFor()
    const again = page.getByLabel('La misma otra vez')
    await comes(page, 'the field has the focus', () => again.evaluate((each) => each === document.activeElement), true)
    assert.equal(await again.getAttribute('aria-invalid'), 'true')
    assert.deepEqual(fixture.office.backups.asked, [])
    await again.fill('una frase')
    assert.equal(await again.getAttribute('aria-invalid'), 'false')
    const [file] = await Promise.all([page.waitForEvent('download'), keys(page, 'Enter')])
    assert.equal(file.suggestedFilename(), 'bandeja-2026-04-13.bandeja')
  }))

test('the window says where it was saved, and nothing where somebody thought better of it', () =>
  office({ native: true }, async (page, { office }) => {
    await settings(page)
    const { place } = office.backups
    office.backups.place = ''
    await save(page).click()
    await until(page, 'over', async () => (await button(page, 'Cancelar').count()) === 0)
    assert.equal(await page.locator('.settings .outcome').innerText(), '')
    office.backups.place = place
    await save(page).click()
    await page.getByText(`Guardado en ${place}: 1,9 MB, revisado.`).waitFor()
    await page.getByText('No está protegido: quien tenga el archivo lee todo.').waitFor()
    assert.deepEqual(office.backups.asked, [{ with_cache: false, passphrase: '' }])
    await at(page, '#/settings/appearance')
    await settings(page)
    assert.equal(await page.getByText('Guardado en').count(), 0)
  }))

for (const native of [false, true]) {
  test(`it is cancelled, with the focus kept, and saved again (${native ? 'window' : 'browser'})`, () =>
    office({ native }, async (page, { office }) => {
      await settings(page)
      let letGo
      office.backups.held = new Promise((resolve) => (letGo = resolve))
      await phrase(page, 'una frase')
      await save(page).focus()
      await keys(page, 'Enter')
      await page.getByRole('status').getByText('Guardando y revisando…').waitFor()
      await until(page, 'it is asked for', () => office.backups.asked.length > 0)
      assert.equal(await save(page).getAttribute('aria-disabled'), 'true')
      assert.equal(await focused(page), 'Guardar respaldo')
      await keys(page, 'Enter') // once is enough
      await keys(page, 'Tab', 'Enter')
      await page.getByText('Cancelado: del respaldo no quedó nada.').waitFor()
      await comes(page, 'the button has the focus', () => focused(page), 'Guardar respaldo')
      assert.equal(office.backups.asked.length, 1)
      letGo()
      await keys(page, 'Enter')
      await page.getByText(native ? 'Guardado en' : 'Hecho y revisado').waitFor()
    }))
}

test('it goes on while another page is looked at', () =>
  office({}, async (page, { office }) => {
    await settings(page)
    let letGo
    office.backups.held = new Promise((resolve) => (letGo = resolve))
    await save(page).click()
    await page.getByText('Guardando y revisando…').waitFor()
    await at(page, '#/inbox')
    await page.waitForSelector('[role=option]')
    await settings(page)
    await page.getByText('Guardando y revisando…').waitFor()
    const [file] = await Promise.all([page.waitForEvent('download'), letGo()])
    assert.equal(file.suggestedFilename(), 'bandeja-2026-04-13.bandeja')
    await page.getByText('Hecho y revisado').waitFor()
  }))

test('why it could not be saved is said in the words of the server, in sight on a small screen', () =>
  office({}, async (page, fixture) => {
    await page.setViewportSize({ width: 800, height: 600 })
    await settings(page)
    const sentence = 'No hay lugar en el disco para el respaldo, y no quedó nada de él.'
    fixture.refuse = (url) => (url.pathname === '/api/backups' ? [507, 'disk_full', sentence] : undefined)
    await phrase(page, 'una frase')
    await save(page).click()
    const reason = page.getByRole('alert').getByText(sentence)
    await until(page, 'the reason in sight', async () => {
      const box = (await reason.count()) && (await reason.boundingBox())
      return box && box.y >= 0 && box.y + box.height <= 600
    })
    assert.equal(await page.getByLabel('Frase (opcional)').inputValue(), 'una frase')
    assert.equal(await button(page, 'Cancelar').count(), 0)
  }))

for (const theme of ['light', 'dark']) {
  test(`axe finds nothing wrong with it (${theme})`, () =>
    office({ theme }, async (page, { office }) => {
      await settings(page)
      await phrase(page, 'una', 'otra')
      await save(page).click()
      await page.getByText('Las dos no son iguales').waitFor()
      assert.deepEqual(await violations(page), [])
      await phrase(page, 'una')
      let letGo
      office.backups.held = new Promise((resolve) => (letGo = resolve))
      await save(page).click()
      await page.getByText('Guardando y revisando…').waitFor()
      assert.deepEqual(await violations(page), [])
      letGo()
      await page.getByText('Hecho y revisado').waitFor()
      assert.deepEqual(await violations(page), [])
    }))
}
