// Days, hours and spans as charts and their tables write them, by Intl alone.

import type { Words } from '../words/words.svelte'
import { span } from './times'

const dayMs = 86_400_000

/** `10 abr`; a day of the calendar, wherever it is. */
export function dayShort(day: string, lang: string): string {
  return new Intl.DateTimeFormat(lang, { day: 'numeric', month: 'short', timeZone: 'UTC' }).format(new Date(day))
}

/** `10 abr 2026`; of a moment, as it is in a zone. */
export function dayWhole(day: string, lang: string, zone = 'UTC'): string {
  const options = { day: 'numeric', month: 'short', year: 'numeric', timeZone: zone || 'UTC' } as const
  return new Intl.DateTimeFormat(lang, options).format(new Date(day))
}

/** `lun`, `lunes`; 1 is Monday. */
export function weekdayName(weekday: number, lang: string, how: 'short' | 'long'): string {
  // 1 January 2024 was a Monday.
  return new Intl.DateTimeFormat(lang, { weekday: how, timeZone: 'UTC' }).format(Date.UTC(2024, 0, weekday))
}

/** `09:00` */
export function hourName(hour: number, lang: string): string {
  const options = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: 'UTC' } as const
  return new Intl.DateTimeFormat(lang, options).format(Date.UTC(2024, 0, 1, hour))
}

/** `5 min`, `2 h 10 min`, `3,5 días` */
export function longSpan(ms: number, lang: string): string {
  if (ms < 2 * dayMs) return span(ms, lang)
  const days = { style: 'unit', unit: 'day', unitDisplay: 'long', maximumFractionDigits: 1 } as const
  return new Intl.NumberFormat(lang, days).format(ms / dayMs)
}

/** `menos de 1 h`, `de 1 h a 4 h`, `30 días o más` */
export function bucketName(age: { hours_from: number; hours_to: number | null }, lang: string, t: Words['t']): string {
  const write = (hours: number) => {
    const unit = hours < 24 ? 'hour' : 'day'
    const count = hours < 24 ? hours : hours / 24
    return new Intl.NumberFormat(lang, { style: 'unit', unit, unitDisplay: hours < 24 ? 'short' : 'long' }).format(
      count,
    )
  }
  if (age.hours_to === null) return t('insights.age_over', { time: write(age.hours_from) })
  if (age.hours_from === 0) return t('insights.age_under', { time: write(age.hours_to) })
  return t('insights.age_between', { from: write(age.hours_from), to: write(age.hours_to) })
}
