/** One turn of a Latest: the request's signal, and whether it may still paint. */
export interface Turn {
  signal: AbortSignal
  fresh: () => boolean
}

/**
 * Hands out turns of which only the newest may paint: beginning one aborts the
 * request of the turn before, and an answer that was already on its way is
 * told apart by `fresh`.
 */
export class Latest {
  #turn: AbortController | null = null

  begin(): Turn {
    this.#turn?.abort()
    const turn = new AbortController()
    this.#turn = turn
    return { signal: turn.signal, fresh: () => this.#turn === turn }
  }

  cancel(): void {
    this.#turn?.abort()
    this.#turn = null
  }
}
