/** The rows that are chosen for one change of them all. */
export class Selection {
  #threads = $state.raw<ReadonlySet<string>>(new Set())
  // The chosen range goes from the anchor to where Shift was last pressed.
  #anchor = ''
  #ranged: ReadonlySet<string> = new Set()

  /** What was chosen is meant to be all of the list, also what was not read of it. */
  whole = $state(false)

  get threads(): ReadonlySet<string> {
    return this.#threads
  }

  get size(): number {
    return this.#threads.size
  }

  has(thread: string): boolean {
    return this.#threads.has(thread)
  }

  /** Chooses a row, or not any more; the next range begins at it. */
  toggle(thread: string): void {
    this.whole = false
    const next = new Set(this.#threads)
    if (!next.delete(thread)) next.add(thread)
    this.#threads = next
    this.#anchor = thread
    this.#ranged = new Set([thread])
  }

  /**
   * Chooses from the anchor to a row, both included: in place of the range
   * chosen before from the same anchor, beside what was chosen one by one.
   * Without an anchor on screen the range begins at `from`.
   */
  range(order: readonly string[], to: string, from: string): void {
    this.whole = false
    if (!order.includes(this.#anchor)) {
      this.#anchor = order.includes(from) ? from : to
      this.#ranged = new Set()
    }
    const [a, b] = [order.indexOf(this.#anchor), order.indexOf(to)]
    if (b < 0) return
    const ranged = new Set(order.slice(Math.min(a, b), Math.max(a, b) + 1))
    const kept = [...this.#threads].filter((thread) => !this.#ranged.has(thread))
    this.#ranged = ranged
    this.#threads = new Set([...kept, ...ranged])
  }

  all(order: readonly string[]): void {
    this.whole = false
    this.#threads = new Set(order)
    this.#anchor = ''
  }

  clear(): void {
    this.whole = false
    if (this.#threads.size > 0) this.#threads = new Set()
    this.#anchor = ''
    this.#ranged = new Set()
  }
}
