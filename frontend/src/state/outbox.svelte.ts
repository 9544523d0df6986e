import { ApiError, type Api } from '../api/api'
import { Latest } from '../api/latest'
import type { OutboxEntry } from '../api/types'

// So many that are done are shown, to be taken back.
const doneShown = 50

const forPerson: readonly OutboxEntry['state'][] = ['conflict', 'stale', 'refused']

/** Reports whether an entry goes no further before a person has said what to do. */
export function waitsForPerson(entry: OutboxEntry): boolean {
  return forPerson.includes(entry.state)
}

/** What was asked for here and is not at the platform yet, and what was done last. */
export class Outbox {
  #api: Api
  #reads = new Latest()
  #entries = $state.raw<OutboxEntry[]>([])
  #busy = $state.raw<ReadonlySet<string>>(new Set())
  #errors = $state.raw<ReadonlyMap<string, ApiError>>(new Map())

  constructor(api: Api) {
    this.#api = api
  }

  get waiting(): OutboxEntry[] {
    return this.#entries.filter((entry) => entry.state !== 'done')
  }

  get done(): OutboxEntry[] {
    return this.#entries.filter((entry) => entry.state === 'done')
  }

  entry(id: string | null): OutboxEntry | undefined {
    return this.#entries.find((entry) => entry.id === id)
  }

  /** What waits for a person in a thread. */
  questions(thread: string): OutboxEntry[] {
    return this.#entries.filter((entry) => entry.thread === thread && waitsForPerson(entry))
  }

  busy(id: string): boolean {
    return this.#busy.has(id)
  }

  /** Why the last answer to an entry could not be kept, or null. */
  error(id: string): ApiError | null {
    return this.#errors.get(id) ?? null
  }

  async refresh(): Promise<void> {
    const turn = this.#reads.begin()
    try {
      const { entries } = await this.#api.outbox(doneShown, turn.signal)
      if (turn.fresh()) this.#entries = entries
    } catch {
      // The entries that are shown stay; the status line says what is wrong.
    }
  }

  /** Keeps mine, or tries again now; false where that could not be kept. */
  retry(id: string): Promise<boolean> {
    return this.#answer(id, () => this.#api.retry(id))
  }

  /** Gives a wish up, keeping theirs. */
  drop(id: string): Promise<boolean> {
    return this.#answer(id, () => this.#api.drop(id))
  }

  async #answer(id: string, ask: () => Promise<unknown>): Promise<boolean> {
    if (this.#busy.has(id)) return false
    this.#busy = new Set(this.#busy).add(id)
    const errors = new Map(this.#errors)
    errors.delete(id)
    this.#errors = errors
    try {
      await ask()
      await this.refresh()
      return true
    } catch (err) {
      this.#errors = new Map(this.#errors).set(id, err instanceof ApiError ? err : new ApiError(0, '', ''))
      return false
    } finally {
      this.#busy = new Set([...this.#busy].filter((each) => each !== id))
    }
  }
}
