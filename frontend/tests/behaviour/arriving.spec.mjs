// What arrives in the open thread while one reads further up.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { offices, open, still, tell, until } from './office.mjs'

const inOffice = offices({ threads: 20 })

test('new messages are counted where one has scrolled away from the end, and are a press away', () =>
  inOffice({}, async (page, fixture) => {
    const thread = 't_000010'
    await open(page, thread)
    const log = page.locator('[role=log]')
    const end = page.locator('.log .end')
    // While it opens, the log goes to its end once more.
    const readFurtherUp = () =>
      until(page, 'one reads further up', async () => {
        await log.evaluate((each) => {
          if (each.scrollHeight - each.clientHeight - each.scrollTop < 600) each.scrollTop -= 900
        })
        await still(page)
        const left = await log.evaluate((each) => each.scrollHeight - each.clientHeight - each.scrollTop)
        return left >= 600 && (await end.count()) === 1
      })
    await readFurtherUp()
    assert.equal((await end.textContent()).trim(), '')
    const [read, top] = await page.locator('[role=log] [data-message]').evaluateAll((all) => {
      const shown = all.find((each) => each.getBoundingClientRect().top > 100)
      return [shown.dataset.message, shown.getBoundingClientRect().top]
    })
    for (const [n, label] of ['1 mensaje nuevo: ir al final', '2 mensajes nuevos: ir al final'].entries()) {
      fixture.office.write(thread, `nuevo ${n}`)
      await tell(page, fixture, 'threads', { threads: [thread] })
      await page.getByRole('button', { name: label }).waitFor()
    }
    assert.equal((await end.textContent()).trim(), '2')
    await still(page)
    const now = await page.locator(`[data-message="${read}"]`).evaluate((each) => each.getBoundingClientRect().top)
    assert.ok(Math.abs(now - top) < 4, 'one stays where one reads')
    await end.click()
    await page.getByText('nuevo 1').last().waitFor()
    await until(page, 'at the end', async () => (await end.count()) === 0)
    await readFurtherUp()
    assert.equal((await end.textContent()).trim(), '') // they were seen
  }))
