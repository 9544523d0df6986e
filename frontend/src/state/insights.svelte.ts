import { aborted, ApiError, type Api } from '../api/api'
import type { Report } from '../api/insights'
import { Latest } from '../api/latest'
import type { Span } from '../text/periods'

// What comes meanwhile is counted so often, and no more.
const refreshMs = 30_000

/** The figures of a period. Those that are shown stay while others come. */
export class Insights {
  #api: Api
  #reads = new Latest()
  #asked: (Span & { account: string }) | null = null
  #at = -Infinity

  report = $state.raw<Report | null>(null)
  /** They are being read. */
  busy = $state(false)
  /** How much of the first look over all messages is done, from 0 to 1; null where none is under way. */
  done = $state<number | null>(null)
  /** Why the last reading failed. */
  error = $state.raw<ApiError | null>(null)

  constructor(api: Api) {
    this.#api = api
  }

  /** Shows a period; "" as account is all. The same one again reads nothing. */
  show(span: Span, account: string): void {
    const asked = { ...span, account }
    if (JSON.stringify(asked) === JSON.stringify(this.#asked) && !this.error) return
    this.#asked = asked
    void this.#read()
  }

  /** Nobody looks any more. */
  leave(): void {
    this.#reads.cancel()
    this.#asked = null
    this.busy = false
  }

  /** Something has changed. */
  touch(): void {
    if (this.#asked && !this.busy && performance.now() - this.#at > refreshMs) void this.#read()
  }

  async #read(): Promise<void> {
    const asked = this.#asked
    if (!asked) return
    const turn = this.#reads.begin()
    this.busy = true
    try {
      for (;;) {
        const answer = await this.#api.insights(asked, turn.signal)
        if (!turn.fresh()) return
        this.done = answer.ready ? null : answer.done / Math.max(1, answer.total)
        if (!answer.report) continue
        this.report = answer.report
        this.error = null
        break
      }
    } catch (err) {
      if (aborted(err) || !turn.fresh()) return
      this.error = err instanceof ApiError ? err : new ApiError(0, '', '')
    }
    this.#at = performance.now()
    this.busy = false
  }
}
