// Times as people read them: in the account's zone, 24 h, by Intl alone.

const formats = new Map<string, Intl.DateTimeFormat>()

function format(lang: string, zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${lang}|${zone}|${JSON.stringify(options)}`
  let made = formats.get(key)
  if (!made) formats.set(key, (made = inZone(lang, zone, options)))
  return made
}

/** In the computer's own zone where this engine does not know the one asked for. */
function inZone(lang: string, zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat(lang, { ...options, timeZone: zone })
  } catch {
    return new Intl.DateTimeFormat(lang, options)
  }
}

/** How a place writes its times: a language and an IANA zone. */
export interface Place {
  lang: string
  zone: string
}

/**
 * `2026-04-13`: the day it was there, for comparing. Put together by hand: no
 * locale writes it so in every engine.
 */
export function dayKey(at: number | string, { zone }: Place): string {
  const parts = format('en-US', zone, { year: 'numeric', month: '2-digit', day: '2-digit' }).formatToParts(new Date(at))
  const of = (type: 'year' | 'month' | 'day') => parts.find((part) => part.type === type)?.value ?? ''
  return `${of('year').padStart(4, '0')}-${of('month')}-${of('day')}`
}

/** `14:02` */
export function clock(at: string, { lang, zone }: Place): string {
  return format(lang, zone, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(new Date(at))
}

function daysAgo(at: string, now: number, place: Place): number {
  return Math.round((Date.parse(dayKey(now, place)) - Date.parse(dayKey(at, place))) / 86_400_000)
}

function sameYear(at: string, now: number, place: Place): boolean {
  return dayKey(at, place).slice(0, 4) === dayKey(now, place).slice(0, 4)
}

const relatives = new Map<string, Intl.RelativeTimeFormat>()

function relativeDay(days: number, lang: string): string {
  let made = relatives.get(lang)
  if (!made) relatives.set(lang, (made = new Intl.RelativeTimeFormat(lang, { numeric: 'auto' })))
  return made.format(-days, 'day')
}

/** For a row: `14:02`, `ayer`, `vie`, `10 abr`, `10 abr 2024`. */
export function rowTime(at: string, now: number, place: Place): string {
  const days = daysAgo(at, now, place)
  if (days === 0) return clock(at, place)
  if (days === 1) return relativeDay(1, place.lang)
  if (days > 1 && days < 7) return format(place.lang, place.zone, { weekday: 'short' }).format(new Date(at))
  const day: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'short' }
  if (!sameYear(at, now, place)) day.year = 'numeric'
  return format(place.lang, place.zone, day).format(new Date(at))
}

/** For a day's separator: `hoy`, `ayer`, `viernes 10 de abril`, with the year when it is another. */
export function dayName(at: string, now: number, place: Place): string {
  const days = daysAgo(at, now, place)
  if (days === 0 || days === 1) return relativeDay(days, place.lang)
  const day: Intl.DateTimeFormatOptions = { weekday: 'long', day: 'numeric', month: 'long' }
  if (!sameYear(at, now, place)) day.year = 'numeric'
  return format(place.lang, place.zone, day).format(new Date(at))
}

/** `viernes, 10 de abril de 2026, 10:04 GMT-3`: everything, the zone too, for a tooltip. */
export function fullTime(at: string, { lang, zone }: Place): string {
  const all = { dateStyle: 'full', timeStyle: 'long', hourCycle: 'h23' } as const
  return format(lang, zone, all).format(new Date(at))
}

/** `marzo de 2024` */
export function monthName(at: string, { lang, zone }: Place): string {
  return format(lang, zone, { month: 'long', year: 'numeric' }).format(new Date(at))
}

/** Reports whether it is still the same day there. */
export function isToday(at: string, now: number, place: Place): boolean {
  return daysAgo(at, now, place) === 0
}

/** A point in time, with its day where that is not today: `14:02`, `ayer, 14:02`, `mañana, 09:30`. */
export function moment(at: string, now: number, place: Place): string {
  const days = daysAgo(at, now, place)
  if (days === 0) return clock(at, place)
  const day = days === -1 ? relativeDay(-1, place.lang) : rowTime(at, now, place)
  return `${day}, ${clock(at, place)}`
}

const units = new Map<string, Intl.NumberFormat>()

function inUnits(value: number, unit: 'hour' | 'minute', lang: string): string {
  const key = `${lang} ${unit}`
  let made = units.get(key)
  if (!made) units.set(key, (made = new Intl.NumberFormat(lang, { style: 'unit', unit, unitDisplay: 'short' })))
  return made.format(value)
}

/** What is left of a span: `2 h 10 min`, `5 min`; less than a minute is one. */
export function span(ms: number, lang: string): string {
  const minutes = Math.max(1, Math.floor(ms / 60_000))
  const unit = (value: number, name: 'hour' | 'minute') => inUnits(value, name, lang)
  const hours = Math.floor(minutes / 60)
  const rest = minutes % 60
  if (hours === 0) return unit(rest, 'minute')
  return rest === 0 ? unit(hours, 'hour') : `${unit(hours, 'hour')} ${unit(rest, 'minute')}`
}
