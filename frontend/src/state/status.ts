import type { Provider, Status, ThreadRow } from '../api/types'

// The words that each platform has, by the one name they have here, in the
// order of a conversation's life.
const words: Record<Provider, readonly Status[]> = {
  waspy: ['open', 'pending', 'resolved', 'closed'],
  platica: ['open', 'resolved', 'spam', 'expired'],
}
const order: readonly Status[] = ['open', 'pending', 'resolved', 'closed', 'spam', 'expired']

/** The statuses that at least one of the platforms can be asked for. */
export function statusesOf(providers: Iterable<Provider>): Status[] {
  const there = new Set([...providers].flatMap((provider) => words[provider]))
  return order.filter((status) => there.has(status))
}

/** Reports whether a platform lets nobody out of a status again. */
export function oneWay(provider: Provider, status: Status): boolean {
  return provider === 'platica' && status === 'expired'
}

/** Reports whether a thread can be given a status, and it would be a change. */
export function wouldChange(row: ThreadRow, status: Status): boolean {
  return row.status !== status && words[row.provider].includes(status) && !oneWay(row.provider, row.status)
}
