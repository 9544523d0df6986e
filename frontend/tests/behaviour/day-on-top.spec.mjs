// The day of what is on screen stays in sight at the top.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { offices, open, still, until } from './office.mjs'

// The day is the same to its end.
const now = Date.parse('2026-04-13T17:02:00Z')
const within = offices({ now, threads: 20 })
const inOffice = (options, act) =>
  within(options, async (page, ...rest) => {
    await page.clock.setFixedTime(now)
    await page.reload()
    await page.waitForSelector('[role=option]')
    await act(page, ...rest)
  })
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
      // Its text stands some pixels below its top, so that those may be gone.
      seen: days.some((day) => day.top > top - 10 && day.top < top + 40),
      height: log.scrollHeight,
      scroll: log.scrollTop,
    }
  })

const zone = { timeZone: 'America/Mexico_City' }
const dayOf = (time) => new Date(time).toLocaleDateString('en-CA', zone)

/** What is wrong with the top of the log; '' for nothing. */
function wrong({ said, seen, at }) {
  if (!said) return seen ? '' : 'no day in sight'
  const ago = Math.round((Date.parse(dayOf(now)) - Date.parse(dayOf(at))) / 86_400_000)
  const right =
    ago === 0 ? said === 'hoy' : ago === 1 ? said === 'ayer' : said.includes(` ${Number(dayOf(at).slice(-2))} de `)
  return right ? '' : `"${said}" over ${at}`
}

test('wherever one has scrolled to, the day on top is right, and nothing moves for it', () =>
  inOffice({}, async (page) => {
    await open(page, thread)
    await still(page)
    let said = 0
    for (let step = 0; step < 30; step++) {
      await page.locator('[role=log]').evaluate((each) => (each.scrollTop -= 137))
      await still(page)
      const is = await top(page)
      assert.equal(wrong(is), '', `step ${step}`)
      if (is.said) said++
    }
    assert.ok(said > 5, `said ${said} times`)
  }))

test('who listens hears each day once, and who presses there reaches what is below', () =>
  inOffice({}, async (page) => {
    await open(page, thread)
    await still(page)
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
