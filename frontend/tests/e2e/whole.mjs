// All of a view changed at once and taken back, over both platforms, against the
// real program.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ask, inbox, rows, until, wide } from './office.mjs'

/** What every thread is shown as, by its id. */
async function statuses(page) {
  const all = new Map()
  let cursor = ''
  do {
    const page_ = await ask(page, `/api/threads?view=all&limit=200&cursor=${cursor}`)
    for (const { thread, status } of page_.threads) all.set(thread, status)
    cursor = page_.cursor
  } while (cursor)
  return all
}

describe('all of a view', () => {
  test('is resolved, what is not read of it too, and one undo gives each its own status back', () =>
    inbox('#/inbox', wide, async (page) => {
      await rows(page)
      const { inbox: count } = await ask(page, '/api/counts')
      assert.ok(count > 50, `${count} in the inbox`)
      const before = await statuses(page)
      await page.keyboard.press('Control+a')
      await page.locator('[data-whole]').click()
      await page.locator('[data-bulk=status]').click()
      await page.getByRole('menuitemradio', { name: 'Resuelta' }).click()
      const yes = page.getByRole('dialog').getByRole('button', { name: /^Cambiar/ })
      await yes.waitFor()
      await yes.click()
      await until(page, 'the inbox is empty', async () => (await ask(page, '/api/counts')).inbox === 0)
      await until(page, 'so is the list', async () => (await page.locator('[role=option]').count()) === 0)
      await page.locator('.toast .undo').click()
      await until(page, 'each is as before', async () => {
        const now = await statuses(page)
        return [...before].every(([thread, status]) => now.get(thread) === status)
      })
      await rows(page)
      await until(
        page,
        'all of it is at the platforms',
        async () => (await ask(page, '/api/state')).outbox.waiting === 0,
      )
      const after = await statuses(page)
      assert.deepEqual(
        [...before].filter(([thread, status]) => after.get(thread) !== status),
        [],
      )
    }))
})
