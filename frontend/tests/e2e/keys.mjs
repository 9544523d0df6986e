// A key that one chooses, against the real program.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ask, at, inbox, rows, setting, until, wide } from './office.mjs'

describe('keys', () => {
  test('one that is chosen does it, at once and after a reload, and the old one nothing', () =>
    inbox('#/settings/keys', wide, async (page) => {
      try {
        await page.locator('[data-command=resolve] .slot').first().click()
        await page.keyboard.press('w')
        await until(page, 'it is kept', async () => (await ask(page, '/api/settings')).keys.resolve?.includes('w'))
        const { threads } = await ask(page, '/api/threads?view=inbox&limit=50')
        const { thread } = threads.find(({ status, gone, pending }) => status === 'open' && !gone && !pending)
        const status = async () => (await ask(page, `/api/threads/${thread}`)).thread.status
        await at(page, `#/all/${thread}`)
        for (const again of [false, true]) {
          if (again) await page.reload()
          await page.waitForSelector('[data-message]')
          await page.keyboard.press('e')
          await page.waitForTimeout(300)
          assert.equal(await status(), 'open', 'the old key does nothing')
          await page.keyboard.press('w')
          await until(page, 'it is resolved', async () => (await status()) === 'resolved')
          await page.keyboard.press('z')
          await until(page, 'it is open again', async () => (await status()) === 'open')
        }
        await page.keyboard.press('?')
        await page.locator('dialog .help div', { hasText: 'Resolver' }).last().getByText('w', { exact: true }).waitFor()
        await page.keyboard.press('Escape')
      } finally {
        await setting(page, { keys: {} })
      }
      await at(page, '#/inbox')
      await page.reload()
      await rows(page)
    }))
})
