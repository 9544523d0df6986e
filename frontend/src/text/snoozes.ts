// Until when one may snooze: points in time from a clock on the wall of a zone.

import { clock, dayKey } from './times'

const dayMs = 86_400_000

export type ChoiceKey = 'hour' | 'tonight' | 'tomorrow' | 'monday'

export interface Choice {
  key: ChoiceKey
  at: number
}

/** `2026-04-13T09:00`: what the clock says there, as a field for date and time has it. */
export function wallTime(at: number, zone: string): string {
  const place = { lang: 'en', zone }
  return `${dayKey(at, place)}T${clock(new Date(at).toISOString(), place)}`
}

/** When the clock there says that; where it never does, for it was put forward, soon after. NaN for what is no time. */
export function instant(wall: string, zone: string): number {
  const wanted = /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(wall) ? Date.parse(`${wall}:00Z`) : NaN
  if (Number.isNaN(wanted)) return NaN
  const off = (at: number) => wanted - Date.parse(`${wallTime(at, zone)}:00Z`)
  const near = wanted + off(wanted)
  return near + off(near)
}

/** The usual choices that are still to come, the soonest first. */
export function choices(now: number, zone: string): Choice[] {
  const today = dayKey(now, { lang: 'en', zone })
  const day = (days: number) => new Date(Date.parse(`${today}T00:00Z`) + days * dayMs).toISOString().slice(0, 10)
  const toMonday = (8 - new Date(`${today}T00:00Z`).getUTCDay()) % 7 || 7
  const all: Choice[] = [
    { key: 'hour', at: now + 3_600_000 },
    { key: 'tonight', at: instant(`${today}T20:00`, zone) },
    { key: 'tomorrow', at: instant(`${day(1)}T09:00`, zone) },
    { key: 'monday', at: instant(`${day(toMonday)}T09:00`, zone) },
  ]
  return all.filter(({ key, at }) => at > now && !(key === 'monday' && toMonday === 1)).sort((a, b) => a.at - b.at)
}
