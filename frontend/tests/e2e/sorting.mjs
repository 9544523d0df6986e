// Sort orders, against the real program.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ask, inbox, rows, until, wide } from './office.mjs'

const shown = (page) =>
  page.locator('[role=option]').evaluateAll((all) =>
    all
      .sort((a, b) => a.getAttribute('aria-posinset') - b.getAttribute('aria-posinset'))
      .slice(0, 8)
      .map((each) => each.dataset.thread),
  )

/** Times that are known, and those that follow where they are not: in order. */
function ordered(times, before) {
  const known = times.filter(Boolean)
  assert.ok(known.length > 1, `only ${known.length} are known`)
  assert.deepEqual(times.slice(0, known.length), known, 'what is not known comes last')
  assert.deepEqual(known, known.toSorted(before))
}

const soonest = (a, b) => a.localeCompare(b)

const orders = {
  '': {
    name: 'Más nuevas primero',
    holds: ({ threads }) =>
      ordered(
        threads.map(({ at }) => at),
        (a, b) => soonest(b, a),
      ),
  },
  waiting: {
    name: 'Las que esperan hace más',
    holds: ({ places }) =>
      ordered(
        places.map(({ waiting_since }) => waiting_since),
        soonest,
      ),
  },
  expiring: {
    name: 'Ventana por vencer primero',
    holds: ({ threads }) =>
      ordered(
        threads.map(({ window }) => window.open && window.until),
        soonest,
      ),
  },
}

describe('sorting', () => {
  for (const [sort, { name, holds }] of Object.entries(orders))
    test(`${name}: in the order of what the copy knows, after a reload too`, () =>
      inbox(`#/inbox?sort=${sort === '' ? 'waiting' : 'newest'}`, wide, async (page) => {
        await rows(page)
        await page.locator('header button[aria-label^="Ordenar"]').click()
        await page.getByRole('menuitemradio', { name }).click()
        const same = async () => {
          const answer = await ask(page, `/api/threads?view=inbox&sort=${sort}&limit=50`)
          holds(answer)
          const want = answer.threads.slice(0, 8).map(({ thread }) => thread)
          return JSON.stringify(await shown(page)) === JSON.stringify(want)
        }
        await until(page, 'the rows are in that order', same)
        await page.reload()
        await rows(page)
        await until(page, 'and after a reload', same)
      }))
})
