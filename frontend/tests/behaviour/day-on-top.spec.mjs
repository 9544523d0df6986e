// The day of what is on screen stays in sight at the top.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { offices, open, until } from './office.mjs'

const inOffice = offices({ threads: 20 })
const thread = 't_000010'

/** What the top of the log shows: the day that is said over it, and the day of the message that it is said over. */
const top = (page) =>
  page.evaluate(() => {
    const log = document.querySelector('[role=log]')
    const { top } = log.getBoundingClientRect()
    const over = document.querySelector('.over')
    const below = [...log.querySelectorAll('.line')].find((each) => each.getBoundingClientRect().bottom > top + 1)
    const days = [...log.querySelectorAll('.separator')].map((each) => each.getBoundingClientRect())
    return {
      said: over?.textContent.trim() ?? '',
      at: below?.querySelector('time')?.dateTime ?? '',
      covered: over
        ? days.filter((day) => day.top < over.getBoundingClientRect().bottom && day.bottom > top + 6).length
        : 0,
      seen: days.some((day) => day.top >= top - 2 && day.top < top + 40),
      height: log.scrollHeight,
      scroll: log.scrollTop,
    }
  })

test('wherever one has scrolled to, the day on top is right, and nothing moves for it', () =>
  inOffice({}, async (page) => {
    await open(page, thread)
    await page.waitForTimeout(500)
    const zone = { timeZone: 'America/Mexico_City' }
    let said = 0
    for (let step = 0; step < 30; step++) {
      await page.locator('[role=log]').evaluate((each) => (each.scrollTop -= 137))
      await page.waitForTimeout(60)
      const is = await top(page)
      if (!is.said) {
        assert.ok(is.seen, `step ${step}: no day in sight`)
        continue
      }
      said++
      const now = new Date()
      const day = new Date(is.at)
      const number = Number(day.toLocaleDateString('en-CA', zone).slice(-2))
      const ago = Math.round(
        (Date.parse(now.toLocaleDateString('en-CA', zone)) - Date.parse(day.toLocaleDateString('en-CA', zone))) /
          86_400_000,
      )
      assert.match(
        is.said,
        ago === 0 ? /^hoy$/ : ago === 1 ? /^ayer$/ : new RegExp(` ${number} de `),
        `step ${step}: ${is.at}`,
      )
    }
    assert.ok(said > 5, `said ${said} times`)
  }))

test('who listens hears each day once, and who presses there reaches what is below', () =>
  inOffice({}, async (page) => {
    await open(page, thread)
    await page.waitForTimeout(500)
    await until(page, 'the day is over the log', async () => {
      await page.locator('[role=log]').evaluate((each) => (each.scrollTop -= 90))
      return (await page.locator('.over').count()) === 1
    })
    const over = page.locator('.over')
    assert.equal(await over.getAttribute('aria-hidden'), 'true')
    const box = await over.locator('span').boundingBox()
    const hit = await page.evaluate(
      ([x, y]) => document.elementFromPoint(x, y).closest('.over') === null,
      [box.x + box.width / 2, box.y + box.height / 2],
    )
    assert.ok(hit)
    await page.emulateMedia({ forcedColors: 'active' })
    const colors = await over.locator('span').evaluate((each) => {
      const style = getComputedStyle(each)
      return { border: style.borderTopWidth, text: style.color, back: style.backgroundColor }
    })
    assert.equal(colors.border, '1px')
    assert.notEqual(colors.text, colors.back)
  }))
