// An office where customers write while one looks, as people have the demo before
// them: a second program, for in the other nobody does.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { complaints } from '../browser.mjs'
import { going } from '../program.mjs'
import { ask, rows, stranger, until } from './office.mjs'

describe('an office that lives', () => {
  let demo
  before(async () => {
    demo = await going(['demo', '--serve', '--json'])
  })
  after(() => demo?.stop())

  test('shows what is written there, with nothing pressed', async () => {
    const context = await stranger()
    const page = await context.newPage()
    const complained = complaints(page)
    await page.goto(demo.first.url)
    await rows(page)
    await until(page, 'the copy is complete', async () => {
      const { accounts } = await ask(page, '/api/state')
      return accounts.every(({ state }) => state === 'up_to_date')
    })
    const first = page.locator('[role=option][aria-posinset="1"]')
    const newest = () => first.locator('time').getAttribute('datetime')
    const before = await newest()
    await until(page, 'what is newer stands first', async () => (await newest()) > before)
    await until(page, 'it is that of the copy', async () => {
      const { threads } = await ask(page, '/api/threads?view=inbox&limit=1')
      return (await first.getAttribute('data-thread')) === threads[0].thread
    })
    assert.deepEqual(complained, [])
    await context.close()
  })
})
