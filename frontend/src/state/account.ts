import type { AccountPhase, AccountState } from '../api/types'
import { monthName } from '../text/times'
import { stamp } from '../words/stamp'
import type { Words } from '../words/words.svelte'

/** How an account's dot looks; the words beside it say the same. */
export function tone(account: AccountState): 'good' | 'warn' | 'bad' {
  if (account.held || account.error_kind === 'limited') return 'warn'
  if (account.state === 'up_to_date') return 'good'
  return account.state === 'paused' || account.state === 'failing' ? 'bad' : 'warn'
}

const troubled: readonly AccountPhase[] = ['offline', 'paused', 'failing']

/** The key of what an account's state is called: a person's pause goes before the rest. */
function stateKey({ held, state, error_kind: kind }: AccountState) {
  if (held) return 'account.held' as const
  return kind === 'limited' && state !== 'up_to_date' ? ('account.limited' as const) : (`account.${state}` as const)
}

/** How an account stands, in a word or two. */
export function stateWords(account: AccountState, { t }: Words): string {
  return t(stateKey(account))
}

/**
 * What is known of an account, in words: nothing while all is well, for then
 * the status line says as of when. Totals only where the provider gave one.
 */
export function accountWords(account: AccountState, words: Words, now: number): string[] {
  const { t } = words
  const said = [progressWords(account, words)].filter((line) => line !== '')
  if (account.state === 'up_to_date' && !account.held) return said
  if (said.length === 0 || account.held || !['first_copy', 'catching_up'].includes(account.state)) {
    said.unshift(t(stateKey(account)))
  }
  if (account.state === 'paused') said.push(t('account.paused_fix'))
  if (account.error) said.push(account.error)
  if (account.retry_at && !account.held && troubled.includes(account.state)) {
    said.push(stamp(words, 'account.retry', account.retry_at, now, account.zone))
  }
  if (account.as_of && (account.held || troubled.includes(account.state))) {
    said.push(stamp(words, 'account.data_of', account.as_of, now, account.zone))
  }
  return said
}

function progressWords({ listing, reading, zone }: AccountState, { t, lang }: Words): string {
  if (reading) return t('account.reading', { done: reading.done, total: reading.total })
  if (!listing) return ''
  if (!listing.back_to) return t('account.listing', { count: listing.seen })
  const month = monthName(listing.back_to, { lang, zone })
  return t('account.listing_back', { count: listing.seen, month })
}

/** The one sentence of the status line: the gravest account's. */
export function statusWords(account: AccountState, words: Words, now: number): string {
  const { t } = words
  const { name, state, as_of: asOf, zone } = account
  if (state === 'up_to_date' && asOf && !account.held) return stamp(words, 'status_line.up_to_date', asOf, now, zone)
  if (state === 'offline' && asOf && !account.held) return stamp(words, 'status_line.offline', asOf, now, zone)
  return t('status_line.account', { name, state: t(stateKey(account)) })
}

/** The numbers of an account; `part` are of the one before. What is rarely other than nothing shows when it is. */
export function figures(account: AccountState) {
  const { conversations, messages, incomplete, gone, lookups, rejected, calls } = account
  return [
    { key: 'conversations', value: conversations, part: false, always: true },
    { key: 'messages', value: messages, part: false, always: true },
    { key: 'incomplete', value: incomplete, part: false, always: true },
    { key: 'gone', value: gone, part: false, always: false },
    { key: 'lookups', value: lookups, part: false, always: false },
    { key: 'rejected', value: rejected, part: false, always: true },
    { key: 'hour', value: calls?.hour ?? 0, part: false, always: true },
    { key: 'day', value: calls?.day ?? 0, part: false, always: true },
    { key: 'retries', value: calls?.retries ?? 0, part: true, always: false },
    { key: 'limited', value: calls?.limited ?? 0, part: true, always: false },
  ].filter((figure) => figure.always || figure.value > 0) as {
    key:
      | 'conversations'
      | 'messages'
      | 'incomplete'
      | 'gone'
      | 'lookups'
      | 'rejected'
      | 'hour'
      | 'day'
      | 'retries'
      | 'limited'
    value: number
    part: boolean
  }[]
}
