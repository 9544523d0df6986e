import { aborted, ApiError, type Api } from '../api/api'
import { Latest } from '../api/latest'
import type { Found, FoundMessage, FoundPerson } from '../api/types'

/** One result, as the arrows move over them. */
export type Hit = { kind: 'person'; person: FoundPerson } | { kind: 'message'; message: FoundMessage }

/** Searching while typing: people first, then messages. */
export class Search {
  #api: Api
  #asks = new Latest()
  #found = $state.raw<Found | null>(null)

  phase = $state<'idle' | 'looking' | 'ready' | 'failed'>('idle')
  error = $state.raw<ApiError | null>(null)
  active = $state(0)

  constructor(api: Api) {
    this.#api = api
  }

  /** What was found; that of the query before stays until there is something newer. */
  get found(): Found | null {
    return this.#found
  }

  hits: Hit[] = $derived([
    ...(this.#found?.people ?? []).map((person): Hit => ({ kind: 'person', person })),
    ...(this.#found?.messages ?? []).map((message): Hit => ({ kind: 'message', message })),
  ])

  async ask(query: string): Promise<void> {
    if (query.trim() === '') {
      this.clear()
      return
    }
    const turn = this.#asks.begin()
    this.phase = 'looking'
    try {
      const found = await this.#api.search(query, turn.signal)
      if (!turn.fresh()) return
      this.#found = found
      this.active = 0
      this.phase = 'ready'
      this.error = null
    } catch (err) {
      if (aborted(err) || !turn.fresh()) return
      this.error = err instanceof ApiError ? err : new ApiError(0, '', '')
      this.phase = 'failed'
    }
  }

  move(by: number): void {
    const count = this.hits.length
    if (count > 0) this.active = (this.active + by + count) % count
  }

  clear(): void {
    this.#asks.cancel()
    this.#found = null
    this.active = 0
    this.phase = 'idle'
    this.error = null
  }
}

/** The thread to open for a person: the one with the newest message. */
export function newestThread(person: FoundPerson): string {
  const [newest] = [...person.threads].sort((a, b) => (b.last_message_at ?? '').localeCompare(a.last_message_at ?? ''))
  return newest?.thread ?? ''
}
