import { describe, expect, test } from 'vitest'
import { knownPeriod, latestDay, monday, ownSpan, shift, spanOf } from './periods'

describe('spanOf', () => {
  test.each([
    ['7', { from: '2026-02-23', to: '' }],
    ['28', { from: '2026-02-02', to: '' }],
    ['year', { from: '2025-03-02', to: '' }],
    ['all', { from: 'oldest', to: '' }],
    ['2026-01-01..2026-01-31', { from: '2026-01-01', to: '2026-01-31' }],
    ['nonsense', { from: '2026-02-02', to: '' }],
  ])('%s counts today', (period, span) => {
    expect(spanOf(period, '2026-03-01')).toEqual(span)
  })
})

test('a period of several accounts ends with the first day to have begun', () => {
  const now = Date.parse('2026-03-03T03:20:00Z')
  const [south, north] = ['America/Argentina/Buenos_Aires', 'America/Mexico_City']
  expect([[south], [north], [north, south], [south, north]].map((zones) => latestDay(now, zones))).toEqual([
    '2026-03-03',
    '2026-03-02',
    '2026-03-03',
    '2026-03-03',
  ])
})

test('what is no period is the usual one', () => {
  expect(knownPeriod('2026-01-01..2026-01-31')).toBe('2026-01-01..2026-01-31')
  expect(['', '9', '2026-01-01', '2026-01-01..', 'toString'].map(knownPeriod)).toEqual(['28', '28', '28', '28', '28'])
  expect(ownSpan('28')).toBeNull()
})

test('days are moved over the ends of months and leap days', () => {
  expect(shift('2024-02-28', 1)).toBe('2024-02-29')
  expect(shift('2026-01-01', -1)).toBe('2025-12-31')
})

test('weeks begin on Monday', () => {
  expect(['2026-03-01', '2026-03-02', '2026-03-08'].map(monday)).toEqual(['2026-02-23', '2026-03-02', '2026-03-02'])
})
