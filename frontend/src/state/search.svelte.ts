import { aborted, ApiError, type Api, type SearchQuery } from '../api/api'
import { Latest } from '../api/latest'
import type { Found, FoundMessage, FoundPerson } from '../api/types'

export type Sort = 'newest' | 'best'

/** What is searched: the query, the thread or person it is searched in ("" for all), and how messages are sorted. */
export interface Asked {
  query: string
  within: string
  sort: Sort
}

const nearly = new Set(['one_change', 'two_changes', 'words_missing', 'letters'])

/** The answer to what is typed: people, and as many pages of messages as were asked for. */
export class Search {
  #api: Api
  #asks = new Latest()
  #pages = new Latest()
  #asked: Asked | null = null
  #found = $state.raw<Found | null>(null)
  #cursor = $state<string | null>(null)
  // More than the first page of messages is here.
  #extended = false

  messages = $state.raw<FoundMessage[]>([])
  phase = $state<'idle' | 'looking' | 'ready' | 'failed'>('idle')
  /** The next page of messages is being read, or could not be. */
  paging = $state<'' | 'reading' | 'failed'>('')
  error = $state.raw<ApiError | null>(null)

  constructor(api: Api) {
    this.#api = api
  }

  /** What was found; that of the query before stays until there is something newer. */
  get found(): Found | null {
    return this.#found
  }

  get people(): FoundPerson[] {
    return this.#found?.people ?? []
  }

  /** Nobody is called so, and no message says it: people are called nearly so, or have its letters in order. */
  get guessed(): boolean {
    return this.messages.length === 0 && this.people.every(({ reason }) => nearly.has(reason))
  }

  /** There are more messages than are here. */
  get more(): boolean {
    return this.#cursor !== null
  }

  /** Settles with true once the answer is there, unless something else was asked meanwhile. */
  async ask(asked: Asked): Promise<boolean> {
    const turn = this.#asks.begin()
    this.#pages.cancel()
    this.paging = ''
    this.phase = 'looking'
    const again = this.#asked !== null && same(this.#asked, asked)
    this.#asked = asked
    try {
      const found = await this.#api.search(queryOf(asked), turn.signal)
      if (!turn.fresh()) return false
      this.#take(found, again)
      this.phase = 'ready'
      this.error = null
      return true
    } catch (err) {
      if (aborted(err) || !turn.fresh()) return false
      this.error = err instanceof ApiError ? err : new ApiError(0, '', '')
      this.phase = 'failed'
      return true
    }
  }

  /** Asks the same again, as when the platforms brought something; what was scrolled to stays. */
  async again(): Promise<void> {
    if (this.#asked) await this.ask(this.#asked)
  }

  /** Reads the next page of messages. */
  async next(): Promise<void> {
    const [asked, cursor] = [this.#asked, this.#cursor]
    if (!asked || cursor === null || this.paging === 'reading') return
    const turn = this.#pages.begin()
    this.paging = 'reading'
    try {
      const page = await this.#api.search({ ...queryOf(asked), only: 'messages', cursor }, turn.signal)
      if (!turn.fresh()) return
      this.messages = unique([...this.messages, ...page.messages])
      this.#cursor = page.cursor
      this.#extended = true
      this.paging = ''
    } catch (err) {
      if (!aborted(err) && turn.fresh()) this.paging = 'failed'
    }
  }

  clear(): void {
    this.#asks.cancel()
    this.#pages.cancel()
    this.#asked = null
    this.#found = null
    this.messages = []
    this.#cursor = null
    this.#extended = false
    this.phase = 'idle'
    this.paging = ''
    this.error = null
  }

  #take(found: Found, again: boolean): void {
    this.#found = found
    const longer = again && this.#extended
    this.messages = longer ? unique([...found.messages, ...this.messages]) : found.messages
    if (!longer) this.#cursor = found.cursor ?? null
    this.#extended = longer
  }
}

function queryOf({ query, within, sort }: Asked): SearchQuery {
  const ask: SearchQuery = { q: query, sort }
  if (within.startsWith('p_')) return { ...ask, person: within }
  return within ? { ...ask, thread: within } : ask
}

function same(a: Asked, b: Asked): boolean {
  return a.query === b.query && a.within === b.within && a.sort === b.sort
}

/** A message's key: its id is its conversation's alone. */
export function hitKey({ account, conversation, message }: FoundMessage): string {
  return `${account}/${conversation}/${message}`
}

function unique(messages: FoundMessage[]): FoundMessage[] {
  const known = new Set<string>()
  return messages.filter((each) => !known.has(hitKey(each)) && known.add(hitKey(each)))
}

/** The thread to open for a person: the one with the newest message. */
export function newestThread(person: FoundPerson): string {
  const [newest] = [...person.threads].sort((a, b) => (b.last_message_at ?? '').localeCompare(a.last_message_at ?? ''))
  return newest?.thread ?? ''
}
