import { expect, test } from 'vitest'
import { readHour } from './hours'

test.each([
  ['20:30', '20:30'],
  ['8', '08:00'],
  ['08', '08:00'],
  ['8:05', '08:05'],
  ['8.30', '08:30'],
  ['8h15', '08:15'],
  ['830', '08:30'],
  ['2030', '20:30'],
  [' 7:00 ', '07:00'],
  ['00:00', '00:00'],
  ['24:00', null],
  ['8:60', null],
  ['8:5', null],
  ['', null],
  ['8 pm', null],
])('%j is %j', (typed, want) => expect(readHour(typed)).toBe(want))
