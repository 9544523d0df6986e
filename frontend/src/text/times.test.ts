import { expect, test } from 'vitest'
import { clock, dayKey, dayName, fullTime, isToday, moment, monthName, rowTime, span } from './times'

const buenosAires = { lang: 'es-AR', zone: 'America/Argentina/Buenos_Aires' }
const mexico = { lang: 'es-MX', zone: 'America/Mexico_City' }
const english = { ...buenosAires, lang: 'en' }
const now = Date.parse('2026-04-13T17:02:00Z')

test('a time is that of the account’s zone, in 24 hours', () => {
  expect(clock('2026-04-13T03:05:00.000Z', buenosAires)).toBe('00:05')
  expect(clock('2026-04-13T03:05:00.000Z', mexico)).toBe('21:05')
  expect(clock('2026-04-13T17:05:00.000Z', english)).toBe('14:05')
  expect(dayKey('2026-04-13T02:59:00.000Z', buenosAires)).toBe('2026-04-12')
})

test.each([
  ['2026-04-13T17:02:00.000Z', '14:02', '14:02'],
  ['2026-04-12T12:00:00.000Z', 'ayer', 'yesterday'],
  ['2026-04-10T12:00:00.000Z', 'vie', 'Fri'],
  ['2026-04-06T12:00:00.000Z', '6 abr', 'Apr 6'],
  ['2025-04-06T12:00:00.000Z', '6 abr 2025', 'Apr 6, 2025'],
])('%s in a row', (at, es, en) => {
  expect(rowTime(at, now, buenosAires).replaceAll('.', '').replaceAll(' de ', ' ')).toBe(es)
  expect(rowTime(at, now, english)).toBe(en)
})

test.each([
  ['2026-04-13T03:00:00.000Z', 'hoy'],
  ['2026-04-13T02:59:00.000Z', 'ayer'],
  ['2026-04-10T12:00:00.000Z', 'viernes, 10 de abril'],
  ['2025-04-10T12:00:00.000Z', 'jueves, 10 de abril de 2025'],
])('%s as a day', (at, want) => {
  expect(dayName(at, now, buenosAires)).toBe(want)
})

test('a moment says its day where that is not today', () => {
  expect(moment('2026-04-13T19:02:00.000Z', now, buenosAires)).toBe('16:02')
  expect(moment('2026-04-14T12:30:00.000Z', now, buenosAires)).toBe('mañana, 09:30')
  expect(moment('2026-04-12T17:02:00.000Z', now, english)).toBe('yesterday, 14:02')
  expect(isToday('2026-04-14T02:59:00.000Z', now, buenosAires)).toBe(true)
})

test('a month and a whole time are written out', () => {
  expect(monthName('2024-03-10T12:00:00.000Z', buenosAires)).toBe('marzo de 2024')
  expect(fullTime('2026-04-13T17:02:00.000Z', buenosAires)).toMatch(/lunes.*13 de abril de 2026.*14:02:00 (ART|GMT-3)/)
})

test.each([
  [2 * 3_600_000 + 10 * 60_000, '2 h 10 min'],
  [5 * 60_000 + 59_000, '5 min'],
  [3_600_000, '1 h'],
  [10, '1 min'],
])('%i ms are %s', (ms, want) => {
  expect(span(ms, 'es-AR')).toBe(want)
})

test('a zone that the engine does not know is the computer’s, never an error', () => {
  expect(clock('2026-04-13T17:02:00.000Z', { lang: 'en', zone: 'Mars/Olympus' })).toMatch(/^\d\d:\d\d$/)
  expect(clock('2026-04-13T17:02:00.000Z', { lang: 'en', zone: '' })).toMatch(/^\d\d:\d\d$/)
})
