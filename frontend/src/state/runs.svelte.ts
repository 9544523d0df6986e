import type { Api } from '../api/api'
import { Latest } from '../api/latest'
import type { Run } from '../api/types'

/** The last cycles of the account whose sheet is open. */
export class Runs {
  #api: Api
  #reads = new Latest()

  list = $state.raw<Run[]>([])
  phase = $state<'loading' | 'ready' | 'failed'>('loading')

  constructor(api: Api) {
    this.#api = api
  }

  /** Reads an account's; what is shown of it stays until there is something newer. */
  async read(account: string, fresh: boolean): Promise<void> {
    if (fresh) {
      this.list = []
      this.phase = 'loading'
    }
    const turn = this.#reads.begin()
    try {
      const runs = await this.#api.runs(account, turn.signal)
      if (!turn.fresh()) return
      this.list = runs
      this.phase = 'ready'
    } catch {
      if (turn.fresh()) this.phase = 'failed'
    }
  }
}
