import { ApiError, type Api } from '../api/api'
import { follow } from '../api/follow'
import { Latest } from '../api/latest'
import type { ForgetPreview, ForgetProgress, Forgotten } from '../api/types'

/** Forgetting a person: said first, meant on purpose, then done to its end, with a receipt. */
export class Forgetting {
  #api: Api
  #gone: (person: string) => void
  #reads = new Latest()
  #person = ''

  phase = $state<'closed' | 'asking' | 'running' | 'done'>('closed')
  /** null until it is known what would go. */
  preview = $state.raw<ForgetPreview | null>(null)
  progress = $state.raw<ForgetProgress | null>(null)
  result = $state.raw<Forgotten | null>(null)
  error = $state.raw<ApiError | null>(null)

  /** @param gone is told once somebody is in no list any more. */
  constructor(api: Api, gone: (person: string) => void) {
    this.#api = api
    this.#gone = gone
  }

  /** Asks whether a person is to be forgotten, and says what that would erase. */
  async ask(person: string): Promise<void> {
    if (this.phase === 'running') return
    this.#person = person
    this.phase = 'asking'
    this.preview = this.result = this.error = null
    const turn = this.#reads.begin()
    try {
      const preview = await this.#api.forgetPreview(person, turn.signal)
      if (turn.fresh()) this.preview = preview
    } catch (err) {
      if (turn.fresh()) this.error = known(err)
    }
  }

  /** Closes what is shown. What runs goes on: it cannot be called back. */
  close(): void {
    this.#reads.cancel()
    if (this.phase !== 'running') this.phase = 'closed'
  }

  async accept(): Promise<void> {
    if (this.phase !== 'asking' || !this.preview) return
    const person = this.#person
    this.phase = 'running'
    this.error = this.progress = null
    const end = follow(
      () => this.#api.forgetProgress(),
      (now) => (this.progress = now),
    )
    try {
      this.result = await this.#api.forget(person)
      this.phase = 'done'
      this.#gone(person)
    } catch (err) {
      this.error = known(err)
      this.phase = 'asking'
    } finally {
      end()
    }
  }
}

function known(err: unknown): ApiError {
  return err instanceof ApiError ? err : new ApiError(0, '', '')
}
