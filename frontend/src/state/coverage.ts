import type { AccountCoverage, AccountState, Coverage } from '../api/types'
import { monthName } from '../text/times'
import { stamp } from '../words/stamp'
import type { Words } from '../words/words.svelte'
import { stateWords } from './account'

/** What was searched, of how much, and as of when: one sentence. */
export function coveredWords(coverage: Coverage, words: Words, now: number, zone: string): string {
  const { conversations: count, complete, partial, as_of: asOf } = coverage
  const said = [words.t('search.coverage', { count, complete })]
  if (partial > 0) said.push(words.t('search.partial', { count: partial }))
  if (asOf) said.push(stamp(words, 'search.as_of', asOf, now, zone))
  return said.join('; ')
}

/** What is known of the accounts' own completeness, where nothing was searched. */
export function coverageOf(accounts: readonly AccountState[]): Coverage {
  const each = accounts.map(({ name: account, state, conversations, incomplete: partial, listing, reading }) => ({
    account,
    state,
    complete: partial === 0 && !listing && !reading && state !== 'first_copy',
    conversations,
    partial,
    back_to: null,
  }))
  const conversations = each.reduce((sum, account) => sum + account.conversations, 0)
  const partial = each.reduce((sum, account) => sum + account.partial, 0)
  return { conversations, complete: conversations - partial, partial, as_of: null, accounts: each }
}

/** A line for each account whose history is not all here: which, what lacks, and what is being done about it. */
export function lacking(coverage: Coverage, accounts: readonly AccountState[], words: Words): string[] {
  return coverage.accounts
    .filter((each) => !each.complete || each.partial > 0)
    .map((each) => {
      const account = accounts.find(({ name }) => name === each.account)
      const provider = account ? words.t(`provider.${account.provider}`) : ''
      const state = lackWords(each, account, words)
      return words.t('coverage.account', { provider, name: each.account, state }).trim()
    })
}

function lackWords({ partial, back_to: backTo }: AccountCoverage, account: AccountState | undefined, words: Words) {
  const { t } = words
  const said: string[] = []
  if (account && (account.held || !['first_copy', 'catching_up', 'up_to_date'].includes(account.state))) {
    said.push(stateWords(account, words))
  }
  if (account?.reading) {
    said.push(t('coverage.reading', { done: account.reading.done, count: account.reading.total }))
  } else if (account?.listing) {
    said.push(t('account.listing', { count: account.listing.seen }))
  } else if (partial > 0) {
    said.push(t('search.partial', { count: partial }))
  }
  const back = account?.listing?.back_to ?? backTo
  const month = back && monthName(back, { lang: words.lang, zone: account?.zone ?? '' })
  if (month) said.push(t('coverage.back_to', { month }))
  if (said.length === 0) said.push(account ? stateWords(account, words) : t('coverage.incomplete'))
  return said.join(', ')
}
