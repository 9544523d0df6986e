// An answer of the search, for tests.

import type { Found, FoundMessage, FoundPerson } from '../api/types'

/** An answer with so many people, and the messages of these numbers. */
export function found(query: string, people: number, messages: number[], cursor: string | null = null): Found {
  return {
    query,
    people: Array.from({ length: people }, (_, i) => ({ person: `p_${i}`, threads: [] as unknown }) as FoundPerson),
    messages: messages.map(
      (i) => ({ account: 'ventas', conversation: 'c', message: `m${i}`, thread: `t_${i}` }) as FoundMessage,
    ),
    parsed: { words: query, parts: [], problems: [] },
    cursor,
    people_ready: true,
    index: { ready: true, waiting: 0 },
    remote: 'none',
    coverage: { conversations: 1, complete: 1, partial: 0, as_of: null, accounts: [] },
    took_ms: 1,
  }
}
