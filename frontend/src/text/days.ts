// Days by themselves, as `2026-04-13`: reading one that was typed, naming one,
// and laying a month out. Counted in UTC, where every day has 24 hours.

import { fold } from '../state/menu'

const dayMs = 86_400_000

/** The languages in which a day may be typed, whatever the screen's is. */
const typedIn = ['es', 'en']

const at = (day: string) => Date.parse(`${day}T00:00Z`)
const dayAt = (ms: number) => new Date(ms).toISOString().slice(0, 10)

/** The day so many days later. */
export function addDays(day: string, days: number): string {
  return dayAt(at(day) + days * dayMs)
}

/** The day so many months later; the last of that month, where it is shorter. */
export function addMonths(day: string, months: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number)
  const last = new Date(Date.UTC(year, month + months, 0)).getUTCDate()
  return dayAt(Date.UTC(year, month - 1 + months, Math.min(date, last)))
}

/** The weeks of a day's month, each from Monday to Sunday, with the days of the months beside it. */
export function weeksOf(day: string): string[][] {
  const first = `${day.slice(0, 7)}-01`
  const monday = addDays(first, -((new Date(at(first)).getUTCDay() + 6) % 7))
  const weeks: string[][] = []
  for (let week = monday; week < addMonths(first, 1); week = addDays(week, 7))
    weeks.push(Array.from({ length: 7 }, (_, i) => addDays(week, i)))
  return weeks
}

function named(day: string, lang: string, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(lang, { ...options, timeZone: 'UTC' }).format(new Date(at(day)))
}

/** `lunes 13 de abril`, with the year where it is another than today's. */
export function longDay(day: string, today: string, lang: string): string {
  const options: Intl.DateTimeFormatOptions = { weekday: 'long', day: 'numeric', month: 'long' }
  const name = named(day, lang, day.slice(0, 4) === today.slice(0, 4) ? options : { ...options, year: 'numeric' })
  // Within a sentence Spanish has no comma there.
  return lang.startsWith('es') ? name.replace(', ', ' ') : name
}

/** `abril de 2026` */
export function monthOf(day: string, lang: string): string {
  return named(day, lang, { month: 'long', year: 'numeric' })
}

/** What the days of a week are called, from Monday on. */
export function weekdays(lang: string, form: 'narrow' | 'long'): string[] {
  return Array.from({ length: 7 }, (_, i) => named(addDays('2024-01-01', i), lang, { weekday: form }))
}

/**
 * Reads a day as people write it: `2026-04-13`, `13/4`, `13-4-26`, `13 de
 * abril`, `april 13`, `abril 2025`, `ayer`, `lunes`. Without a year it is the
 * latest that is not still to come; a weekday is the last one. null for what
 * is no day.
 */
export function readDay(typed: string, today: string): string | null {
  const text = fold(typed.trim())
  return inNumbers(text, today) ?? near(text, today) ?? inWords(text, today)
}

/** The day of a month, if it has one: of no year the latest that is not still to come. */
function dayOf(year: number | null, month: number, date: number, today: string): string | null {
  const from = year ?? Number(today.slice(0, 4))
  // 29 February may be as long ago as that.
  for (let each = from; each > from - 9; each--) {
    const day = new Date(0)
    day.setUTCFullYear(each, month - 1, date)
    const real = day.getUTCMonth() === month - 1 && day.getUTCDate() === date
    const found = real ? dayAt(day.getTime()) : null
    if (year !== null) return found
    if (found !== null && found <= today) return found
  }
  return null
}

function yearOf(digits: string | undefined): number | null {
  if (digits === undefined) return null
  return digits.length === 2 ? 2000 + Number(digits) : Number(digits)
}

function inNumbers(text: string, today: string): string | null {
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text)
  if (iso) return dayOf(Number(iso[1]), Number(iso[2]), Number(iso[3]), today)
  const short = /^(\d{1,2})[/.\- ](\d{1,2})(?:[/.\- ](\d{4}|\d{2}))?$/.exec(text)
  if (!short) return null
  const [date, month, year] = [Number(short[1]), Number(short[2]), yearOf(short[3])]
  // Day first, as here; where there is no such month it was the month.
  return dayOf(year, month, date, today) ?? dayOf(year, date, month, today)
}

function near(text: string, today: string): string | null {
  for (const lang of typedIn) {
    const relative = new Intl.RelativeTimeFormat(lang, { numeric: 'auto' })
    for (const back of [0, 1, 2]) if (fold(relative.format(-back, 'day')) === text) return addDays(today, -back)
  }
  if (text === 'antier' || text === 'antes de ayer') return addDays(today, -2)
  const weekday = typedIn.map((lang) => only(text, weekdays(lang, 'long'))).find((each) => each >= 0)
  if (weekday === undefined) return null
  const sinceMonday = (new Date(at(today)).getUTCDay() + 6) % 7
  return addDays(today, -((sinceMonday - weekday + 6) % 7) - 1)
}

/** The place of the only name that text begins, by three letters at least; -1 where it is none or several. */
function only(text: string, names: string[]): number {
  if (text.length < 3) return -1
  const found = names.flatMap((name, i) => (fold(name).startsWith(text) ? [i] : []))
  return found.length === 1 ? (found[0] ?? -1) : -1
}

function inWords(text: string, today: string): string | null {
  const words = text.split(/[\s,.]+|(?<=\d)(?:st|nd|rd|th)\b/).filter((word) => word && !fillers.has(word))
  const numbers = words.filter((word) => /^\d{1,4}$/.test(word))
  const names = words.filter((word) => !/^\d/.test(word))
  const month = monthNamed(names.at(-1) ?? '')
  // A weekday may stand before it, as it is written out.
  const before = names.slice(0, -1)
  if (month === 0 || before.length > 1 || before.some((word) => !isWeekday(word))) return null
  if (numbers.length + names.length !== words.length || numbers.length > 2) return null
  const year = numbers.find((word) => word.length === 4)
  const [date] = numbers.filter((word) => word.length < 3)
  if (numbers.length !== Number(year !== undefined) + Number(date !== undefined)) return null
  return dayOf(yearOf(year), month, Number(date ?? 1), today)
}

const fillers = new Set(['de', 'del', 'el', 'of', 'the', 'on'])

function monthNamed(word: string): number {
  for (const lang of typedIn) {
    const names = Array.from({ length: 12 }, (_, i) => named(addMonths('2024-01-01', i), lang, { month: 'long' }))
    const place = only(word, names)
    if (place >= 0) return place + 1
  }
  return 0
}

function isWeekday(word: string): boolean {
  return typedIn.some((lang) => only(word, weekdays(lang, 'long')) >= 0)
}
