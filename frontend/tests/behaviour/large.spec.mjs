// An office of a million conversations: what is written stays where it belongs.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { offices } from './office.mjs'

const office = offices({ threads: 20 })

test('no number of the sidebar leaves it, and no name stands under one', () =>
  office({}, async (page, fixture) => {
    const counts = fixture.office.counts()
    fixture.office.counts = () => Object.fromEntries(Object.keys(counts).map((view) => [view, 1_158_922]))
    await page.reload()
    await page.locator('.lists .count', { hasText: '1.158.922' }).first().waitFor()
    const wrong = await page.evaluate(() => {
      const lists = document.querySelector('.lists')
      const { right } = lists.getBoundingClientRect()
      const edge = right - parseFloat(getComputedStyle(lists).paddingRight)
      return [...lists.querySelectorAll('.nav')]
        .map((each) => [each, each.querySelector('.clip'), each.querySelector('.count')])
        .filter(([row, name, count]) => {
          const of = (each) => each.getBoundingClientRect().right
          return (
            of(row) > edge + 0.5 || (count && (of(count) > of(row) || of(name) > count.getBoundingClientRect().left))
          )
        })
        .map(([row]) => row.textContent.trim())
    })
    assert.deepEqual(wrong, [])
  }))
