import { expect, test } from 'vitest'
import { addDays, addMonths, longDay, monthOf, readDay, weekdays, weeksOf } from './days'

const today = '2026-04-15' // a Wednesday

test.each<[string, string | null]>([
  ['2026-04-13', '2026-04-13'],
  ['2026-4-3', '2026-04-03'],
  ['2027-01-01', '2027-01-01'],
  ['13/4', '2026-04-13'],
  [' 13-4 ', '2026-04-13'],
  ['13.4', '2026-04-13'],
  ['15/4', '2026-04-15'],
  ['16/4', '2025-04-16'],
  ['13/4/25', '2025-04-13'],
  ['13/04/2024', '2024-04-13'],
  ['4/13', '2026-04-13'],
  ['29/2', '2024-02-29'],
  ['29/2/2025', null],
  ['31/4', null],
  ['0/0', null],
  ['hoy', '2026-04-15'],
  ['Ayer', '2026-04-14'],
  ['yesterday', '2026-04-14'],
  ['anteayer', '2026-04-13'],
  ['antier', '2026-04-13'],
  ['antes de ayer', '2026-04-13'],
  ['lunes', '2026-04-13'],
  ['Monday', '2026-04-13'],
  ['lun', '2026-04-13'],
  ['miércoles', '2026-04-08'],
  ['miercoles', '2026-04-08'],
  ['jueves', '2026-04-09'],
  ['dom', '2026-04-12'],
  ['sáb', '2026-04-11'],
  ['13 de abril', '2026-04-13'],
  ['13 abr', '2026-04-13'],
  ['lunes, 13 de abril', '2026-04-13'],
  ['lunes 13 de abril de 2026', '2026-04-13'],
  ['13 de diciembre', '2025-12-13'],
  ['1 ene 2024', '2024-01-01'],
  ['April 13', '2026-04-13'],
  ['april 13th, 2024', '2024-04-13'],
  ['abril', '2026-04-01'],
  ['mayo', '2025-05-01'],
  ['abril 2024', '2024-04-01'],
  ['ma', null],
  ['mar', '2026-04-14'],
  ['marz', '2026-03-01'],
  ['13', null],
  ['1 2 3 abril', null],
  ['abril abril', null],
  ['pedido', null],
  ['', null],
  ['2026-13-01', null],
])('%s', (typed, want) => {
  expect(readDay(typed, today)).toBe(want)
})

test('what it names a day it reads, too', () => {
  for (const lang of ['es-AR', 'es-MX', 'en']) {
    for (let back = 0; back < 800; back += 13) {
      const day = addDays(today, -back)
      expect(readDay(longDay(day, today, lang), today)).toBe(day)
    }
  }
})

test('months of any length', () => {
  expect(addMonths('2026-01-31', 1)).toBe('2026-02-28')
  expect(addMonths('2024-01-31', 1)).toBe('2024-02-29')
  expect(addMonths('2026-01-15', -1)).toBe('2025-12-15')
  expect(addMonths('2026-11-30', 3)).toBe('2027-02-28')
})

test('a month is laid out in weeks from Monday', () => {
  const weeks = weeksOf('2026-04-15')
  expect(weeks[0]).toEqual([
    '2026-03-30',
    '2026-03-31',
    '2026-04-01',
    '2026-04-02',
    '2026-04-03',
    '2026-04-04',
    '2026-04-05',
  ])
  expect(weeks.at(-1)?.[6]).toBe('2026-05-03')
  expect(weeks.length).toBe(5)
  expect(weeksOf('2026-02-01').length).toBe(5)
  expect(weeksOf('2027-02-10').length).toBe(4)
})

test('names', () => {
  expect(longDay('2026-04-13', today, 'es-AR')).toBe('lunes 13 de abril')
  expect(longDay('2025-04-13', today, 'en')).toBe('Sunday, April 13, 2025')
  expect(monthOf('2026-04-13', 'es-AR')).toBe('abril de 2026')
  expect(weekdays('es-AR', 'long')[0]).toBe('lunes')
})
