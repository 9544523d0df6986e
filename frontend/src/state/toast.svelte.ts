// So long an undo is offered before it moves to the thread's history.
const offerMs = 10_000

/** What was just done or could not be, for a while. */
export interface Toast {
  tone: 'done' | 'failed'
  /** The sentence, made when it is drawn so that it follows the language. */
  text: () => string
  /** Takes it back; left out where that cannot be. What answers false was not taken back, and can be tried again. */
  undo?: () => unknown
  /** It can be taken back while the toast is there, and no longer. */
  fleeting?: true
}

// So many acts can be taken back, one after the other.
const mostActs = 100

/**
 * The one toast, and what was done from this page and can be taken back: the
 * newest first, also after its toast is gone. Its time stands still while somebody points at it or has the
 * focus in it, and goes on with what was left.
 */
export class Toasts {
  #shown = $state.raw<Toast | null>(null)
  #timer: ReturnType<typeof setTimeout> | undefined
  #left = 0
  #since = 0
  #held = new Set<string>()
  #acts: Toast[] = []

  get shown(): Toast | null {
    return this.#shown
  }

  show(toast: Toast): void {
    this.#acts = this.#acts.filter((act) => !act.fleeting)
    if (toast.undo) this.#acts = [...this.#acts, toast].slice(-mostActs)
    this.#shown = toast
    this.#left = offerMs
    this.#run()
  }

  /** Takes back what was done last; false where there is nothing. */
  undo(): boolean {
    const act = this.#acts.at(-1)
    if (!act?.undo) return false
    this.close()
    this.#acts = this.#acts.filter((each) => each !== act)
    void Promise.resolve(act.undo()).then((done) => {
      if (done === false) this.#acts = [...this.#acts, act]
    })
    return true
  }

  /** What it tells of was not done after all: there is nothing to take back. */
  retract(toast: Toast): void {
    this.#acts = this.#acts.filter((act) => act !== toast)
    if (this.#shown === toast) this.close()
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
    this.#acts = this.#acts.filter((act) => !act.fleeting)
  }

  #run(): void {
    clearTimeout(this.#timer)
    if (!this.#shown || this.#held.size > 0) return
    this.#since = Date.now()
    this.#timer = setTimeout(() => this.close(), Math.max(0, this.#left))
  }
}
