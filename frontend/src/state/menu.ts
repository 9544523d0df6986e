const pauseMs = 700

/** Where a key of a menu leads among its items; null where it is none of them. */
export function step(key: string, at: number, count: number): number | null {
  if (count === 0) return null
  if (key === 'ArrowDown') return (at + 1) % count
  if (key === 'ArrowUp') return (at - 1 + count) % count
  if (key === 'Home') return 0
  return key === 'End' ? count - 1 : null
}

/** Finds the item that what is typed begins; one letter again and again goes from one to the next. */
export class TypeAhead {
  #typed = ''
  #at = -Infinity

  /** The item to go to from `from`, or -1. */
  read(letter: string, time: number, labels: readonly string[], from: number): number {
    this.#typed = time - this.#at < pauseMs ? this.#typed + fold(letter) : fold(letter)
    this.#at = time
    const same = [...this.#typed].every((each) => each === this.#typed[0])
    const wanted = same ? this.#typed.slice(0, 1) : this.#typed
    const start = same ? from + 1 : from
    const order = labels.map((_, i) => (start + i) % labels.length)
    return order.find((i) => fold(labels[i] ?? '').startsWith(wanted)) ?? -1
  }
}

/** Small letters without accents, so that both ways of writing meet. */
export function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase()
}
