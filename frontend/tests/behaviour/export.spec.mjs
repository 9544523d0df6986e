// Saving the messages of a person as a file, from their panel.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { keys, offices, open, until } from './office.mjs'

const inOffice = offices({ threads: 30 })
const submit = (page) => page.locator('dialog .button.main')

test('a browser downloads the open thread, or all of the person', () =>
  inOffice({}, async (page, { office }) => {
    await open(page, 't_000010')
    const { person } = office.row('t_000010')
    for (const [choose, saved] of [
      [[], { person, format: 'csv', thread: 't_000010' }],
      [['Todas sus conversaciones', 'NDJSON'], { person, format: 'ndjson', thread: null }],
    ]) {
      await page.locator('.panel').getByText('Exportar…').click()
      for (const label of choose) await page.locator('dialog label', { hasText: label }).click()
      const [file] = await Promise.all([page.waitForEvent('download'), submit(page).click()])
      assert.equal(file.suggestedFilename(), `bandeja-maria-2026-04-13.${saved.format}`)
      assert.equal(await readFile(await file.path(), 'utf8'), 'at,text')
      assert.deepEqual(office.saved, saved)
      await until(page, 'closed', async () => (await page.locator('dialog').count()) === 0)
    }
  }))

test('the window asks for a place, and says where the file is', () =>
  inOffice({ native: true }, async (page, { office }) => {
    await open(page, 't_000001')
    await keys(page, 'Control+k')
    await page.keyboard.type('exportar')
    await page.getByRole('option', { name: 'Exportar' }).click()
    await submit(page).click()
    await page.getByText('Archivo guardado: /home/ana/bandeja-maria.csv').waitFor()
    assert.deepEqual(office.saved, { person: office.row('t_000001').person, format: 'csv', thread: 't_000001' })
  }))

test('that a part of it is not copied is said before', () =>
  inOffice({}, async (page) => {
    await open(page, 't_000007')
    await page.locator('.panel').getByText('Exportar…').click()
    await page.locator('dialog', { hasText: 'Falta copiar una parte' }).waitFor()
    await keys(page, 'Escape')
    await until(page, 'closed', async () => (await page.locator('dialog').count()) === 0)
  }))
