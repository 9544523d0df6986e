import type { Change, ThreadDetail } from '../api/types'
import type { Stretch } from './stretch'

/** What was read of a thread, kept to show it at once when it is opened again. */
export interface Kept extends Stretch {
  detail: ThreadDetail | null
  changes: Change[]
}

const most = 20

/** The threads that were open last. */
export class Shelf {
  #kept = new Map<string, Kept>()

  get(id: string): Kept | undefined {
    return this.#kept.get(id)
  }

  /** Keeps a thread, unless it has none or more messages than are kept: what is cut off at the front can no longer be asked for, its cursor is not ours to make. */
  put(id: string, kept: Kept, messages: number): void {
    if (kept.messages.length === 0 || kept.messages.length > messages) return
    this.#kept.delete(id)
    this.#kept.set(id, kept)
    for (const old of [...this.#kept.keys()].slice(0, -most)) this.#kept.delete(old)
  }
}
