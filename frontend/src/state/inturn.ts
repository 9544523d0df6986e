/**
 * Asks one after the other: of two askings that say the whole of something, the
 * later one must come later. One that fails holds none back.
 */
export class InTurn {
  #last: Promise<unknown> = Promise.resolve()

  ask<T>(ask: () => Promise<T>): Promise<T> {
    const asked = this.#last.then(ask)
    this.#last = asked.catch(() => undefined)
    return asked
  }
}
