import { isToday, moment } from '../text/times'
import type { Key, Words } from './words.svelte'

/** A key whose sentence says a time of today, with a `_day` beside it that says a time of another day. */
export type StampKey = { [K in Key]: `${K}_day` extends Key ? K : never }[Key]

/** The sentence with the time in it: `hasta las 16:02`, or `hasta: ayer, 16:02`. */
export function stamp(words: Words, key: StampKey, at: string, now: number, zone: string): string {
  const place = { lang: words.lang, zone }
  return words.t(isToday(at, now, place) ? key : `${key}_day`, { time: moment(at, now, place) })
}
