// Inside a thread: a date one goes to, words one finds; against the real program.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ask, at, hash, inbox, messages, until, wide } from './office.mjs'

const fold = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()

/** All messages of the thread that has the most, of the first fifty; the oldest first. */
async function longest(page) {
  const { threads } = await ask(page, '/api/threads?view=all&limit=50')
  let best = { thread: '', all: [] }
  for (const { thread } of threads) {
    const all = []
    let before = ''
    do {
      const answer = await ask(page, `/api/threads/${thread}/messages?limit=100${before && `&before=${before}`}`)
      all.unshift(...answer.messages)
      before = answer.before ?? ''
    } while (before)
    if (all.length > best.all.length) best = { thread, all }
  }
  return best
}

const inSight = (page, message) =>
  page.evaluate((message) => {
    const log = document.querySelector('[role=log]').getBoundingClientRect()
    const at = document.querySelector(`[data-message="${message}"]`)?.getBoundingClientRect()
    return at !== undefined && at.top < log.bottom && at.bottom > log.top
  }, message)

describe('inside a thread', () => {
  test('one goes to a date, and a reload comes back to it', () =>
    inbox('#/all', wide, async (page) => {
      const { thread, all } = await longest(page)
      const [first] = all
      const day = new Date(first.at).toLocaleDateString('en-CA', { timeZone: 'America/Argentina/Buenos_Aires' })
      await at(page, `#/all/${thread}`)
      await messages(page)
      await page.click('.thread .date')
      await page.locator('dialog input').fill(day)
      await page.keyboard.press('Enter')
      await until(page, `${first.message} of ${day} is in sight`, () => inSight(page, first.message))
      assert.match(await hash(page), new RegExp(`day=${day}`))
      await page.reload()
      await messages(page)
      await until(page, 'and after a reload', () => inSight(page, first.message))
    }))

  test('words are found from the newest to the oldest, and all of them are counted', () =>
    inbox('#/all', wide, async (page) => {
      const { thread, all } = await longest(page)
      const words = all.flatMap(({ text }) => (text ?? '').match(/\p{L}{4,}/gu) ?? []).map(fold)
      const hitsOf = (word) => all.filter(({ text }) => fold(text ?? '').includes(word)).map(({ message }) => message)
      const word = [...new Set(words)].sort((a, b) => hitsOf(b).length - hitsOf(a).length)[0]
      const hits = hitsOf(word)
      assert.ok(hits.length > 1, `${word}: ${hits.length}`)
      await at(page, `#/all/${thread}`)
      await messages(page)
      await page.keyboard.press('Control+f')
      await page.waitForSelector('search input:focus')
      await page.keyboard.type(word)
      const said = page.locator('search [role=status]')
      await until(page, 'all are counted', async () => (await said.textContent()) === `1 de ${hits.length}`)
      await until(page, 'the newest is in sight', () => inSight(page, hits.at(-1)))
      await page.keyboard.press('ArrowDown') // over the end
      await until(page, 'the oldest is', () => inSight(page, hits[0]))
      const marked = await page.locator('.bubble.on mark').allTextContents()
      assert.ok(marked.length > 0 && marked.every((each) => fold(each) === word), `${marked}`)
    }))
})
