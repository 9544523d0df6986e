import { expect, test } from 'vitest'
import type { Range } from '../api/types'
import { excerpt, stretches } from './marks'

const shown = (text: string, ranges: Range[]) =>
  stretches(text, ranges)
    .map((stretch) => (stretch.marked ? `[${stretch.text}]` : stretch.text))
    .join('')

test.each<[string, Range[], string]>([
  ['García', [[0, 3]], '[Gar]cía'],
  ['👍 García', [[3, 6]], '👍 [Gar]cía'],
  ['García', [], 'García'],
  ['abc', [[2, 3], [0, 1]], '[a]b[c]'], // prettier-ignore
  ['abc', [[0, 2], [1, 3]], '[ab][c]'], // prettier-ignore
  ['abc', [[-4, 99]], '[abc]'],
  ['abc', [[2, 2]], 'abc'],
  ['', [[0, 3]], ''],
])('marks %s at %j', (text, ranges, want) => {
  expect(shown(text, ranges)).toBe(want)
})

test('a short text is its own excerpt', () => {
  expect(excerpt('hola\nmaría', [[5, 10]])).toEqual({ text: 'hola maría', ranges: [[5, 10]] })
})

test('an excerpt holds the marked word and says what it left out', () => {
  const text = `${'antes '.repeat(60)}factura ${'después '.repeat(60)}`
  const at = text.indexOf('factura')
  const part = excerpt(text, [[at, at + 7]])
  expect(part.text.length).toBeLessThan(150)
  expect(part.text).toMatch(/^…antes.*…$/)
  expect(shown(part.text, part.ranges)).toContain('[factura]')
})

test('an excerpt never cuts a letter in two', () => {
  for (let at = 60; at < 120; at++) {
    const part = excerpt('🙌'.repeat(400), [[at * 2, at * 2 + 2]])
    expect(part.text.isWellFormed()).toBe(true)
    expect(shown(part.text, part.ranges)).toContain('[🙌]')
  }
})
