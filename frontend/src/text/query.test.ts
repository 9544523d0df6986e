import { expect, test } from 'vitest'
import type { Parsed, QueryPart } from '../api/types'
import { completed, drawn, replaced, standing, understood, without } from './query'

const filter = (query: string, text: string): QueryPart => {
  const start = query.indexOf(text)
  return { kind: 'filter', key: 'k', value: 'v', text, label: text, start, end: start + text.length }
}

test.each([
  ['estado:abierta juan', 'estado:abierta', 'juan'],
  ['juan estado:abierta', 'estado:abierta', 'juan'],
  ['juan estado:abierta pérez', 'estado:abierta', 'juan pérez'],
  ['juan   estado:abierta   pérez', 'estado:abierta', 'juan pérez'],
  ['estado:abierta', 'estado:abierta', ''],
])('%s without %s', (query, text, want) => {
  expect(without(query, filter(query, text))).toBe(want)
})

test('a completion takes the place of what was begun, and the caret stands behind it', () => {
  const item = { insert: 'estado:abierta ', label: '', detail: '', start: 5, end: 8 }
  expect(completed('juan est', item)).toEqual({ text: 'juan estado:abierta ', caret: 20 })
  expect(completed('juan est vip', item)).toEqual({ text: 'juan estado:abierta vip', caret: 20 })
})

test('a suggestion takes the place of what was wrong', () => {
  expect(replaced('estado:abirta juan', { start: 0, end: 13 }, 'estado:abierta')).toEqual({
    text: 'estado:abierta juan',
    caret: 14,
  })
})

test('what was read still stands while more is typed behind it, and falls when it is touched', () => {
  const asked = 'estado:abierta ju'
  const parts = [filter(asked, 'estado:abierta')]
  expect(standing(asked, 'estado:abierta jua', parts)).toHaveLength(1)
  expect(standing(asked, 'estado:abierta', parts)).toHaveLength(1)
  expect(standing(asked, 'estado:abiertas ju', parts)).toHaveLength(0)
  expect(standing(asked, 'estado:abiert', parts)).toHaveLength(0)
  expect(standing(asked, 'x estado:abierta ju', parts)).toHaveLength(0)
})

test('a filter with a problem is not one that was understood', () => {
  const query = 'de:ana antes:ayerr'
  const problem = { start: 7, end: 18, code: 'bad_date', message: '', suggestions: [] }
  const parsed = { words: '', parts: [filter(query, 'de:ana'), filter(query, 'antes:ayerr')], problems: [problem] }
  expect(understood(parsed).map(({ text }) => text)).toEqual(['de:ana'])
})

test('a query is drawn whole, each letter once', () => {
  const query = 'de:ana mi pedido antes:ayerr'
  const parsed: Parsed = {
    words: 'mi pedido',
    parts: [filter(query, 'de:ana')],
    problems: [{ start: 17, end: 28, code: 'bad_date', message: '', suggestions: [] }],
  }
  const cut = drawn(query, query, parsed)
  expect(cut.map(({ text, look }) => `${look}:${text}`)).toEqual([
    'filter:de:ana',
    'plain: mi pedido ',
    'problem:antes:ayerr',
  ])
  for (const typed of [query, `${query}x`, 'de:an', '', 'otra cosa']) {
    expect(
      drawn(query, typed, parsed)
        .map(({ text }) => text)
        .join(''),
    ).toBe(typed)
  }
  expect(drawn('', 'juan', null)).toEqual([{ text: 'juan', look: 'plain' }])
})
