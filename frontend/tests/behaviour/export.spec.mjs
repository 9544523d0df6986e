// Saving conversations, messages and people as a file: of what is open, and of
// what the list shows.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { at, keys, offices, open, until } from './office.mjs'

const inOffice = offices({ threads: 30 })
const submit = (page) => page.locator('dialog .button.main')
const closed = (page) => until(page, 'closed', async () => (await page.locator('dialog').count()) === 0)

test('a browser downloads the open thread, or all of the person, with its checksum', () =>
  inOffice({}, async (page, { office }) => {
    await open(page, 't_000010')
    const { person } = office.row('t_000010')
    for (const [choose, asked, sum] of [
      [[], { rows: 'messages', format: 'xlsx', person, thread: 't_000010' }, false],
      [['Todas sus conversaciones', 'NDJSON'], { rows: 'messages', format: 'ndjson', person }, true],
    ]) {
      await page.locator('.panel').getByText('Exportar…').click()
      for (const label of choose) await page.locator('dialog label', { hasText: label }).click()
      const [file] = await Promise.all([page.waitForEvent('download'), submit(page).click()])
      assert.equal(file.suggestedFilename(), `bandeja-maria-2026-04-13.${asked.format}`)
      assert.equal(await readFile(await file.path(), 'utf8'), 'at,text')
      assert.deepEqual(office.exports.asked.at(-1), asked)
      await page.getByText(`Listo: bandeja-maria-2026-04-13.${asked.format}, 1.200 filas.`).waitFor()
      const link = page.locator('dialog a')
      assert.equal(await link.count(), sum ? 1 : 0)
      if (sum) {
        const [beside] = await Promise.all([page.waitForEvent('download'), link.click()])
        assert.equal(beside.suggestedFilename(), 'bandeja-maria-2026-04-13.ndjson.sha256')
      }
      await submit(page).click()
      await closed(page)
    }
  }))

test('what the list shows is saved with its filter, by keys alone', () =>
  inOffice({}, async (page, { office }) => {
    await at(page, '#/all?q=etiqueta:vip')
    await page.waitForSelector('.filter .part')
    await keys(page, 'Control+k')
    await page.keyboard.type('exportar')
    await page.getByRole('option', { name: 'Exportar' }).waitFor()
    await keys(page, 'Enter')
    await page.locator('dialog', { hasText: 'Lo que muestra la lista: Todas · etiqueta:vip' }).waitFor()
    await page.locator('dialog input[value=messages]').focus()
    await keys(page, 'ArrowDown', 'ArrowDown')
    await page.locator('dialog input[value=xlsx]').focus()
    await keys(page, 'ArrowDown')
    await keys(page, 'Enter')
    await page.getByRole('alert').getByText('Una página de más de 100.000 filas').waitFor()
    await page.locator('dialog input[value=html]').focus()
    await keys(page, 'ArrowDown')
    const [file] = await Promise.all([page.waitForEvent('download'), keys(page, 'Enter')])
    assert.equal(file.suggestedFilename(), 'bandeja-maria-2026-04-13.csv')
    assert.deepEqual(office.exports.asked, [
      { rows: 'people', format: 'csv', view: 'all', account: '', q: 'etiqueta:vip' },
    ])
  }))

test('the window asks for a place, and says where the file is', () =>
  inOffice({ native: true }, async (page, { office }) => {
    await open(page, 't_000001')
    await keys(page, 'Control+k')
    await page.keyboard.type('exportar')
    await page.getByRole('option', { name: 'Exportar' }).click()
    await submit(page).click()
    await page.getByText('Archivo guardado: /home/ana/bandeja-maria.xlsx').waitFor()
    const { person } = office.row('t_000001')
    assert.deepEqual(office.exports.asked, [{ rows: 'messages', format: 'xlsx', person, thread: 't_000001' }])
    await closed(page)
  }))

for (const native of [false, true]) {
  test(`how far it is shows, it is stopped, and begun again (${native ? 'window' : 'browser'})`, () =>
    inOffice({ native }, async (page, { office }) => {
      let letGo
      office.exports.held = new Promise((resolve) => (letGo = resolve))
      await page.getByRole('button', { name: 'Exportar…' }).click()
      await submit(page).click()
      await page.getByText('400 de 1.200 filas').waitFor()
      assert.equal(await page.locator('dialog progress').getAttribute('value'), '400')
      await page.getByRole('button', { name: 'Detener' }).click()
      await until(page, 'stopped', () => office.exports.all.get('e_0').state === 'stopped')
      letGo()
      await page.locator('dialog fieldset').first().waitFor()
      assert.equal(await page.getByText('Archivo guardado').count(), 0)
      await submit(page).click()
      await page.getByText(native ? 'Archivo guardado' : 'Listo: ').waitFor()
    }))
}

test('a sheet that is closed leaves the file to be written, and says when it is', () =>
  inOffice({}, async (page, { office }) => {
    let letGo
    office.exports.held = new Promise((resolve) => (letGo = resolve))
    await page.getByRole('button', { name: 'Exportar…' }).click()
    await submit(page).click()
    await page.getByText('400 de 1.200 filas').waitFor()
    await keys(page, 'Escape')
    await closed(page)
    await page.getByRole('button', { name: 'Exportar…' }).click()
    await page.getByText('400 de 1.200 filas').waitFor()
    await keys(page, 'Escape')
    await closed(page)
    letGo()
    await page.getByText('Archivo descargado: bandeja-maria-2026-04-13.xlsx').waitFor()
  }))

test('that a part of it is not copied is said before', () =>
  inOffice({}, async (page) => {
    await open(page, 't_000007')
    await page.locator('.panel').getByText('Exportar…').click()
    await page.locator('dialog', { hasText: 'Falta copiar una parte' }).waitFor()
    await keys(page, 'Escape')
    await closed(page)
  }))
