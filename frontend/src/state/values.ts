import type { Change, OutboxEntry, Status } from '../api/types'
import { moment } from '../text/times'
import { stamp } from '../words/stamp'
import type { Words } from '../words/words.svelte'

/** What to call an agent of an account. */
export type NameOf = (account: string, ref: string) => string

/** A value of a field as people read it: `Abierta`, `Ana y Luis`, `sin asignar`. */
export function valueWords(
  field: Change['field'],
  values: readonly string[],
  status: Status | '',
  words: Words,
  nameOf: (ref: string) => string,
): string {
  const { t } = words
  if (field === 'status')
    return status && status !== 'unknown' ? t(`status.${status}`) : (values[0] ?? t('status.unknown'))
  if (field === 'assignees' && values.length === 0) return t('assignee.none')
  const said = field === 'assignees' ? values.map(nameOf) : values.filter((value) => value !== '')
  return said.length > 0 ? said.join(', ') : t('history.empty')
}

/** What an entry asks: before, wish, and what stands at the platform where that is known. */
export function entryWords(
  entry: OutboxEntry,
  words: Words,
  nameOf: NameOf,
): { base: string; want: string; now: string } {
  const { field, account } = entry
  const value = (values: readonly string[], status: Status | '') =>
    valueWords(field, values, status, words, (ref) => nameOf(account, ref))
  return {
    base: value(entry.base, entry.base_status),
    want: value(entry.want, entry.want_status),
    now: entry.now ? value(entry.now, entry.now_status) : '',
  }
}

/** `estado: Abierta → Resuelta` */
export function changeWords(change: Change, account: string, words: Words, nameOf: NameOf): string {
  const { field } = change
  const value = (values: readonly string[], status: Status | '') =>
    valueWords(field, values, status, words, (ref) => nameOf(account, ref))
  const before = value(change.before, change.before_status)
  const after = value(change.after, change.after_status)
  const named = words.t(`field.${field}`)
  return words.t('history.line', { field: named, before, after })
}

/**
 * When a change happened, in what is known: from here, at a time; else between
 * two looks at the platform, and who did it is not known and not said.
 */
export function changeTime({ entry, since, until }: Change, words: Words, now: number, zone: string): string {
  if (entry !== null) return stamp(words, 'history.you_at', until, now, zone)
  const place = { lang: words.lang, zone }
  const [from, to] = [since && moment(since, now, place), moment(until, now, place)]
  if (!from || from === to) return stamp(words, 'history.seen', until, now, zone)
  return words.t('history.between', { since: from, until: to })
}
