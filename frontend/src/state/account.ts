import type { AccountPhase, AccountState } from '../api/types'
import { monthName } from '../text/times'
import { stamp } from '../words/stamp'
import type { Words } from '../words/words.svelte'

/** How an account's dot looks; the words beside it say the same. */
export function tone(phase: AccountPhase): 'good' | 'warn' | 'bad' {
  if (phase === 'up_to_date') return 'good'
  return phase === 'paused' || phase === 'failing' ? 'bad' : 'warn'
}

/**
 * What is known of an account, in words: nothing while all is well, for then
 * the status line says as of when. Totals only where the provider gave one.
 */
export function accountWords(account: AccountState, words: Words, now: number): string[] {
  const { t } = words
  const said = [progressWords(account, words)].filter((line) => line !== '')
  if (account.state === 'up_to_date') return said
  if (said.length === 0 || !['first_copy', 'catching_up'].includes(account.state)) {
    said.unshift(t(`account.${account.state}`))
  }
  if (account.state === 'paused') said.push(t('account.paused_fix', { name: account.name }))
  if (account.error) said.push(account.error)
  if (account.as_of && ['offline', 'paused', 'failing'].includes(account.state)) {
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
  if (state === 'up_to_date' && asOf) return stamp(words, 'status_line.up_to_date', asOf, now, zone)
  if (state === 'offline' && asOf) return stamp(words, 'status_line.offline', asOf, now, zone)
  return t('status_line.account', { name, state: t(`account.${state}`) })
}
