// A person who is forgotten, against the real program: gone from everywhere.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ask, at, inbox, messages, rows, until, wide } from './office.mjs'

describe('forgetting', () => {
  test('takes a person out of the list, the search and the address, for good', () =>
    inbox('#/all', wide, async (page) => {
      const { threads } = await ask(page, '/api/threads?view=all&limit=200')
      const row = threads.findLast(({ name, phone, gone }) => name && phone && !gone)
      const found = async () => {
        const { people } = await ask(page, `/api/search?q=${encodeURIComponent(row.phone)}&only=people`)
        return people.some(({ person }) => person === row.person)
      }
      assert.ok(await found(), 'they are found before')
      await at(page, `#/all/${row.thread}`)
      await messages(page)
      await page.locator('[data-forget]').last().click()
      await page.getByRole('button', { name: 'Borrar para siempre' }).click()
      const receipt = page.locator('dialog pre')
      await receipt.waitFor()
      assert.match(await receipt.textContent(), /No se encontró nada/)
      assert.ok(!(await receipt.textContent()).includes(row.name), 'the receipt names nobody')
      await page.getByRole('dialog').getByRole('button', { name: 'Cerrar' }).last().click()
      const gone = async () => {
        const { threads } = await ask(page, '/api/threads?view=all&limit=200')
        return threads.every(({ person }) => person !== row.person)
      }
      await until(page, 'they are in no list', gone)
      assert.equal(await found(), false, 'the search finds them')
      await page.evaluate(() => fetch('/api/sync', { method: 'POST' }))
      await page.goto(`${page.url().split('#')[0]}#/all/${row.thread}`)
      await page.reload()
      await rows(page)
      await page.waitForSelector('.thread .actions button')
      assert.equal(await page.locator('[data-message]').count(), 0, 'the address still opens the thread')
      assert.ok((await gone()) && !(await found()), 'they came back')
    }))
})
