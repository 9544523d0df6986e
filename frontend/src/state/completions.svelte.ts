import type { Api } from '../api/api'
import { Latest } from '../api/latest'
import type { Completion } from '../api/types'

/** What may stand at the caret of the search box. */
export class Completions {
  #api: Api
  #asks = new Latest()
  #asked = { query: '', at: -1 }
  #settled: Promise<void> = Promise.resolve()
  #query = $state('')

  #items = $state.raw<Completion[]>([])

  constructor(api: Api) {
    this.#api = api
  }

  /** The query that the items complete: another one may have been typed since. */
  get query(): string {
    return this.#query
  }

  get items(): Completion[] {
    return this.#items
  }

  /** Those that go on with what was begun, not only what may follow. */
  begun: Completion[] = $derived(this.#items.filter(({ start, end }) => start < end))

  /** Asks what may stand at the caret; what was offered before stays until it is known. */
  ask(query: string, at: number): void {
    if (query === this.#asked.query && at === this.#asked.at) return
    this.#asked = { query, at }
    this.#settled = this.#read(query, at)
  }

  /** The first item that goes on with what was begun, once it is known. */
  async first(): Promise<Completion | undefined> {
    await this.#settled
    return this.begun[0]
  }

  clear(): void {
    this.#asks.cancel()
    this.#asked = { query: '', at: -1 }
    this.#query = ''
    this.#items = []
  }

  async #read(query: string, at: number): Promise<void> {
    const turn = this.#asks.begin()
    try {
      const items = await this.#api.complete(query, at, turn.signal)
      if (!turn.fresh()) return
      this.#query = query
      this.#items = items.filter((item) => says(item, query))
    } catch {
      // It is a help, and no answer is none: the search itself says what is wrong.
      if (turn.fresh()) this.#items = []
    }
  }
}

/** Reports whether an item would change the query. */
function says({ insert, start, end }: Completion, query: string): boolean {
  return insert.trimEnd() !== query.slice(start, end).trimEnd()
}
