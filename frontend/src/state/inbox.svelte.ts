import { aborted, ApiError, type Api } from '../api/api'
import { Latest } from '../api/latest'
import { rowsAtOnce } from './opening'
import { keeping, takeOffset } from './lastlist'
import { ownSort } from './sort'
import type { Parsed, Sort, ThreadRow, View } from '../api/types'

// A head that grew by more than this many pages while nobody looked is read
// anew from the top instead.
const longHead = 6

/** A stretch of the list between two cursors, and whether it may have changed. */
interface Stretch {
  from: string | null
  rows: ThreadRow[]
  /** The last row when it was read: where the next stretch begins. */
  end: ThreadRow | undefined
  stale: boolean
}

/** One view of one account or all, narrowed by a query or not: as much of the list as was scrolled to. */
export class ThreadList {
  readonly view: View
  readonly account: string
  /** The query it is narrowed by, or "". */
  readonly filter: string
  readonly sort: Sort
  /** Where it was scrolled to, in rows; kept while another view is shown. */
  offset = 0

  #api: Api
  #stretches: Stretch[] = []
  #cursor: string | null = null
  #seen: [first: number, last: number] = [0, 20]
  #reads = new Latest()
  #settling: Promise<void> | null = null
  #again = false

  rows = $state.raw<ThreadRow[]>([])
  phase = $state<'loading' | 'ready' | 'failed'>('loading')
  error = $state.raw<ApiError | null>(null)
  ended = $state(false)
  /** What was understood of the filter; null until it was answered, and without one. */
  parsed = $state.raw<Parsed | null>(null)
  /** How many rows the filter leaves; null: more than are counted, or not known yet. */
  total = $state<number | null>(null)

  constructor(api: Api, view: View, account: string, filter = '', sort: Sort = '') {
    this.#api = api
    this.view = view
    this.account = account
    this.filter = filter
    this.sort = sort
  }

  /** Says which rows are on screen: what is near is read, what is stale there is read again. */
  look(first: number, last: number): void {
    this.#seen = [first, last]
    void this.#settle()
  }

  /** Anything may have changed: what is on screen is read again now, the rest when it is looked at. */
  touch(): Promise<void> {
    for (const stretch of this.#stretches) stretch.stale = true
    return this.#settle()
  }

  /** Paints what is known already, before the server says so too. */
  patch(thread: string, change: Partial<ThreadRow>): void {
    if (!this.rows.some((row) => row.thread === thread)) return
    const patched = (row: ThreadRow) => (row.thread === thread ? { ...row, ...change } : row)
    for (const stretch of this.#stretches) stretch.rows = stretch.rows.map(patched)
    this.rows = this.rows.map(patched)
  }

  /** Reads what is missing or stale, one request after another, until nothing is. */
  #settle(): Promise<void> {
    this.#again = true
    this.#settling ??= this.#readAll()
    return this.#settling
  }

  async #readAll(): Promise<void> {
    const turn = this.#reads.begin()
    try {
      while (this.#again) {
        this.#again = false
        if (await this.#step(turn.signal)) this.#again = true
      }
      this.phase = 'ready'
      this.error = null
    } catch (err) {
      if (aborted(err)) return
      this.phase = 'failed'
      this.error = err instanceof ApiError ? err : new ApiError(0, '', '')
    } finally {
      this.#settling = null
    }
  }

  /** Does one thing; false when there was nothing to do. */
  async #step(signal: AbortSignal): Promise<boolean> {
    const stale = this.#stretches.find((stretch, i) => stretch.stale && this.#onScreen(i))
    if (stale) {
      stale.stale = false
      await this.#reread(stale, signal).catch((err: unknown) => {
        stale.stale = true
        throw err
      })
      return true
    }
    if (this.#stretches.length > 0 && (this.ended || this.#seen[1] < this.rows.length - rowsAtOnce / 2)) return false
    const from = this.#cursor
    const page = await this.#read(from, signal)
    this.#stretches.push({ from, rows: page.threads, end: page.threads.at(-1), stale: false })
    this.#cursor = page.cursor
    this.ended = page.cursor === null
    this.#flatten()
    this.phase = 'ready'
    return true
  }

  /** The head is always on screen: what is new comes there. */
  #onScreen(index: number): boolean {
    if (index === 0) return true
    const before = this.#stretches.slice(0, index).reduce((sum, stretch) => sum + stretch.rows.length, 0)
    const length = this.#stretches[index]?.rows.length ?? 0
    return before <= this.#seen[1] && before + length >= this.#seen[0]
  }

  /**
   * Reads a stretch again from its own cursor until past where the next one
   * begins. The cursors stay good: they are places in the order, not rows.
   */
  async #reread(stretch: Stretch, signal: AbortSignal): Promise<void> {
    const last = stretch === this.#stretches.at(-1)
    const rows: ThreadRow[] = []
    let cursor = stretch.from
    for (let pages = 1; ; pages++) {
      const page = await this.#read(cursor, signal)
      rows.push(...page.threads)
      cursor = page.cursor
      if (cursor === null || (last && rows.length >= rowsAtOnce) || this.#past(rows.at(-1), stretch.end)) break
      if (pages >= longHead) {
        this.#stretches = [stretch]
        break
      }
    }
    const whole = stretch === this.#stretches.at(-1)
    stretch.rows = whole ? rows : rows.filter((row) => !this.#beyond(row, stretch.end))
    if (whole) {
      stretch.end = rows.at(-1)
      this.#cursor = cursor
      this.ended = cursor === null
    }
    this.#flatten()
  }

  async #read(cursor: string | null, signal: AbortSignal) {
    const { view, account, filter: q, sort } = this
    const page = await this.#api.threads({ view, account, q, sort, cursor, limit: rowsAtOnce }, signal)
    this.parsed = page.parsed ?? null
    if (page.total !== undefined) this.total = page.total
    const threads = page.threads.map((row, i) => ({ ...row, place: page.places[i] ?? null }))
    return { threads, cursor: page.cursor }
  }

  #past(row: ThreadRow | undefined, end: ThreadRow | undefined): boolean {
    return !row || !end || row.thread === end.thread || this.#beyond(row, end)
  }

  #beyond(row: ThreadRow, end: ThreadRow | undefined): boolean {
    if (!end || row.thread === end.thread) return false
    const [a, b] = [row.place?.at ?? 0, end.place?.at ?? 0]
    return (this.sort || ownSort(this.view)) === 'newest' ? a < b : a > b
  }

  #flatten(): void {
    const known = new Set<string>()
    this.rows = this.#stretches
      .flatMap((stretch) => stretch.rows)
      .filter((row) => !known.has(row.thread) && known.add(row.thread))
  }
}

// So many lists are kept as they were scrolled to.
const keep = 8

/** The lists that were looked at, so that coming back to one shows it at once. */
export class Inbox {
  #api: Api
  #lists = new Map<string, ThreadList>()
  #list = $state.raw<ThreadList>() as ThreadList
  #active = $state('')
  // What each view was last sorted by.
  #sorts = new Map<View, Sort>()
  // Where in the list the active row was.
  #at = -1

  constructor(api: Api) {
    this.#api = api
    this.#list = new ThreadList(api, 'inbox', '')
  }

  /** The list that is shown. */
  get list(): ThreadList {
    return this.#list
  }

  /** The row the keys stand on: a thread's id, or "". */
  get active(): string {
    return this.#active
  }

  show(view: View, account: string, filter = '', sort: Sort = ''): void {
    const key = `${view} ${sort} ${account} ${filter}`
    if (filter === '') this.#sorts.set(view, sort)
    const list = this.#lists.get(key) ?? new ThreadList(this.#api, view, account, filter, sort)
    if (this.#lists.size === 0) list.offset = takeOffset(key)
    this.#lists.delete(key)
    this.#lists.set(key, list)
    for (const old of [...this.#lists.keys()].slice(0, -keep)) this.#lists.delete(old)
    if (list === this.#list) return
    this.#list = list
    this.activate('')
    void list.touch()
  }

  /** Keeps where the list stands for a reload, as the page goes; the returned func ends that. */
  listen = (): (() => void) => keeping(() => [[...this.#lists.keys()].at(-1) ?? '', this.#list.offset])

  /** What a view was sorted by when it was last shown. */
  sortOf(view: View): Sort {
    return this.#sorts.get(view) ?? ''
  }

  /** Threads changed; those that are not shown are read again when they are. */
  touch(): Promise<void> {
    return this.#list.touch()
  }

  activate(thread: string): void {
    this.#active = thread
    this.#at = this.#indexOf(thread)
  }

  /** Moves the active row by so many, and says which it is now. */
  move(by: number, from: string): ThreadRow | undefined {
    const rows = this.#list.rows
    const at = this.#indexOf(this.#active || from)
    // Where the active row has left the list, the one that follows stands in its place.
    const left = at < 0 && this.#active !== '' && this.#at >= 0
    const next = left ? this.#at + (by > 0 ? by - 1 : by) : at < 0 ? 0 : at + by
    const row = rows[Math.min(rows.length - 1, Math.max(0, next))]
    if (row) this.activate(row.thread)
    return row
  }

  #indexOf(thread: string): number {
    return this.#list.rows.findIndex((row) => row.thread === thread)
  }

  /** The row of a thread, where the list has it. */
  row(thread: string): ThreadRow | undefined {
    return this.#list.rows.find((row) => row.thread === thread)
  }

  /** Paints what is known of a thread in every list that has it. */
  patch(thread: string, change: Partial<ThreadRow>): void {
    for (const list of this.#lists.values()) list.patch(thread, change)
  }
}
