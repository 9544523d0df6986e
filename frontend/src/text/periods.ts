// Periods of days, as the address of Insights has them: `28` days up to today,
// `year`, `all`, or `2026-04-01..2026-04-13`.

import { dayKey } from './times'

const dayMs = 86_400_000

/** The periods that are offered, in their order. */
export const periods = ['7', '28', '90', 'year', 'all'] as const

/** What Insights opens with. */
export const usualPeriod = '28'

/** From when to when a period is, as the server is asked; "" is its own choice. */
export interface Span {
  from: string
  to: string
}

const own = /^(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)$/

/** The days of a period of one's own, or null where it is another. */
export function ownSpan(period: string): Span | null {
  const [, from = '', to = ''] = own.exec(period) ?? []
  return from ? { from, to } : null
}

/** A period that is known, or the usual one. */
export function knownPeriod(text: string): string {
  return own.test(text) || periods.some((each) => each === text) ? text : usualPeriod
}

/**
 * The day that it is in the first of these zones to have begun one: a period of
 * accounts in several ends with it, as the server's does.
 */
export function latestDay(now: number, zones: string[]): string {
  return zones.map((zone) => dayKey(now, { lang: 'en', zone })).reduce((a, b) => (a > b ? a : b))
}

/** What to ask for a period when it is `today`, `2026-04-13`. */
export function spanOf(period: string, today: string): Span {
  const mine = ownSpan(period)
  if (mine) return mine
  if (period === 'all') return { from: 'oldest', to: '' }
  const days = period === 'year' ? 365 : Number(knownPeriod(period))
  return { from: shift(today, 1 - days), to: '' }
}

/** The day some days later. */
export function shift(day: string, days: number): string {
  return new Date(Date.parse(day) + days * dayMs).toISOString().slice(0, 10)
}

/** The Monday of a day's week. */
export function monday(day: string): string {
  return shift(day, -((new Date(day).getUTCDay() + 6) % 7))
}
