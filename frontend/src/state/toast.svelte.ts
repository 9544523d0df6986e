// So long an undo is offered before it moves to the thread's history.
const offerMs = 10_000

/** What was just done or could not be, for a while. */
export interface Toast {
  tone: 'done' | 'failed'
  /** The sentence, made when it is drawn so that it follows the language. */
  text: () => string
  /** Takes it back; left out where that cannot be. */
  undo?: () => void
}

/**
 * The one toast. Its time stands still while somebody points at it or has the
 * focus in it, and goes on with what was left.
 */
export class Toasts {
  #shown = $state.raw<Toast | null>(null)
  #timer: ReturnType<typeof setTimeout> | undefined
  #left = 0
  #since = 0
  #held = new Set<string>()

  get shown(): Toast | null {
    return this.#shown
  }

  show(toast: Toast): void {
    this.#shown = toast
    this.#left = offerMs
    this.#run()
  }

  /** Takes back what the toast tells of; false where it offers nothing to take back. */
  undo(): boolean {
    const undo = this.#shown?.undo
    if (!undo) return false
    this.close()
    undo()
    return true
  }

  /** Stops the time for a reason: `pointer`, `focus`. */
  hold(reason: string): void {
    if (this.#held.size === 0 && this.#shown) this.#left -= Date.now() - this.#since
    this.#held.add(reason)
    clearTimeout(this.#timer)
  }

  release(reason: string): void {
    if (this.#held.delete(reason)) this.#run()
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#held.clear()
    this.#shown = null
  }

  #run(): void {
    clearTimeout(this.#timer)
    if (!this.#shown || this.#held.size > 0) return
    this.#since = Date.now()
    this.#timer = setTimeout(() => this.close(), Math.max(0, this.#left))
  }
}
