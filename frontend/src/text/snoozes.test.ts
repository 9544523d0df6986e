import { describe, expect, test } from 'vitest'
import { choices, instant, wallTime } from './snoozes'

const salta = 'America/Argentina/Salta' // -3 all year
const newYork = 'America/New_York' // its clocks are changed

const iso = (at: number) => new Date(at).toISOString().slice(0, 16)

describe('what is offered', () => {
  test.each([
    // A Monday at 14:02 there.
    [
      '2026-04-13T17:02Z',
      ['hour 2026-04-13T18:02', 'tonight 2026-04-13T23:00', 'tomorrow 2026-04-14T12:00', 'monday 2026-04-20T12:00'],
    ],
    // A Friday at 21:30 there, which is Saturday in UTC: tonight is over.
    ['2026-04-18T00:30Z', ['hour 2026-04-18T01:30', 'tomorrow 2026-04-18T12:00', 'monday 2026-04-20T12:00']],
    // A Sunday: tomorrow is Monday, once.
    ['2026-04-19T15:00Z', ['hour 2026-04-19T16:00', 'tonight 2026-04-19T23:00', 'tomorrow 2026-04-20T12:00']],
    // 19:30: tonight comes before an hour has passed.
    [
      '2026-04-13T22:30Z',
      ['tonight 2026-04-13T23:00', 'hour 2026-04-13T23:30', 'tomorrow 2026-04-14T12:00', 'monday 2026-04-20T12:00'],
    ],
    [
      '2026-12-31T17:00Z',
      ['hour 2026-12-31T18:00', 'tonight 2026-12-31T23:00', 'tomorrow 2027-01-01T12:00', 'monday 2027-01-04T12:00'],
    ],
  ])('at %s', (now, want) => {
    expect(choices(Date.parse(now), salta).map(({ key, at }) => `${key} ${iso(at)}`)).toEqual(want)
  })
})

describe('the clock on a wall', () => {
  test.each([
    ['2026-04-13T09:00', salta, '2026-04-13T12:00'],
    ['2026-03-07T09:00', newYork, '2026-03-07T14:00'],
    ['2026-03-08T09:00', newYork, '2026-03-08T13:00'],
    ['2026-11-01T09:00', newYork, '2026-11-01T14:00'],
    ['2026-01-01T00:00', 'Asia/Kolkata', '2025-12-31T18:30'],
  ])('%s in %s is %s', (wall, zone, want) => {
    expect(iso(instant(wall, zone))).toBe(want)
    expect(wallTime(instant(wall, zone), zone)).toBe(wall)
  })

  test('an hour that there never is comes within one of it', () => {
    const at = instant('2026-03-08T02:30', newYork)
    expect(Math.abs(at - Date.parse('2026-03-08T07:00Z'))).toBeLessThanOrEqual(3_600_000)
  })

  test('what is no time is none', () => {
    expect(instant('', salta)).toBeNaN()
    expect(instant('tomorrow', salta)).toBeNaN()
  })
})
