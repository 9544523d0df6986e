import type { Change } from '../api/events'

// Changes come in bursts while a copy runs: they are gathered this long.
const gatherMs = 400

/** What changed in a burst: these threads, or any (null), whether the office's state did, and whether a search finds more. */
export interface Burst {
  threads: Set<string> | null
  /** Notes or drafts of some threads did. */
  notes: boolean
  state: boolean
  search: boolean
}

/** Gathers changes, and tells them together. */
export class Gather {
  #tell: (burst: Burst) => void
  #burst: Burst | null = null

  constructor(tell: (burst: Burst) => void) {
    this.#tell = tell
  }

  add = (change: Change): void => {
    const first = this.#burst === null
    const burst = (this.#burst ??= { threads: new Set(), notes: false, state: false, search: false })
    if (change.kind === 'state' || change.kind === 'reset') burst.state = true
    if (change.kind === 'search' || change.kind === 'reset') burst.search = true
    if (change.kind === 'notes' || change.kind === 'reset') burst.notes = true
    if (change.kind === 'reset' || (change.kind === 'threads' && change.threads === null)) burst.threads = null
    else if (change.kind === 'threads') for (const id of change.threads ?? []) burst.threads?.add(id)
    if (first) setTimeout(() => this.#settle(), gatherMs)
  }

  #settle(): void {
    const burst = this.#burst
    this.#burst = null
    if (burst) this.#tell(burst)
  }
}
