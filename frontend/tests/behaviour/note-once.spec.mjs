// A note whose answer is lost on the way is not made twice.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { offices, open, until } from './office.mjs'

const inOffice = offices({ threads: 20 })

test('a note is kept once, though its answer was cut and it is asked for again', () =>
  inOffice({}, async (page, { office }) => {
    await open(page, 't_000003')
    let cut = 0
    await page.route('**/api/threads/*/notes', async (route) => {
      if (route.request().method() !== 'POST' || cut > 0) return route.continue()
      cut++
      await route.fetch() // the server has it
      return route.abort()
    })
    const save = page.getByRole('button', { name: 'Guardar nota' })
    await page.keyboard.press('n')
    await page.keyboard.type('llamar el jueves')
    await save.click()
    await page.getByText('No se guardó la nota.').waitFor()
    await save.click()
    await until(page, 'kept', async () => (await page.locator('.log [data-note]').count()) === 1)
    assert.equal(cut, 1)
    assert.deepEqual(
      office.notes.all.map(({ text }) => text),
      ['llamar el jueves'],
    )
    await page.keyboard.type('llamar el jueves') // another one that says the same is another one
    await save.click()
    await until(page, 'both', async () => (await page.locator('.log [data-note]').count()) === 2)
    assert.equal(office.notes.all.length, 2)
  }))
