import { aborted, ApiError, type Api, type PageSpot } from '../api/api'
import { Latest } from '../api/latest'
import type { Change, Message, ThreadDetail, ThreadRow, UnreadFrom } from '../api/types'
import { Shelf } from './shelf'
import { keptMessages, placeOf, readPage, theEnd, type Spot } from './spot'
import { grown, joined, messageKey, nothing, type Stretch } from './stretch'

/** The thread that is open: whose it is, and as much of its messages, or of all its person's, as was scrolled to. */
export class Thread {
  #api: Api
  #onPerson: (person: string) => void
  #zoneOf: (account: string) => string
  #onShown: () => void
  #kept = new Shelf()
  #details = new Latest()
  #histories = new Latest()
  #pages = new Latest()
  #reading = false
  // A page elsewhere in what is open was asked for: what is there stays until that is here.
  #leaping = false

  id = $state('')
  row = $state.raw<ThreadRow | null>(null)
  detail = $state.raw<ThreadDetail | null>(null)
  /** Newest first. */
  changes = $state.raw<Change[]>([])
  messages = $state.raw<Message[]>([])
  before = $state<string | null>(null)
  after = $state<string | null>(null)
  phase = $state<'loading' | 'ready' | 'failed'>('loading')
  error = $state.raw<ApiError | null>(null)
  /** Where it was opened. */
  spot = $state.raw<Spot>(theEnd)
  /** The key of the message to stand at, or "" for the end. */
  standing = $state('')
  /** The number of the page that was opened: another one is drawn from its own place. */
  page = $state(0)
  /** The messages are those of all threads of the person. */
  together = $state(false)
  /** The last change put messages before the first: the list must hold its place. */
  prepended = $state.raw(false)
  /** From where on it was unread when it was opened; it stays while the thread is open. */
  unread = $state.raw<UnreadFrom | null>(null)

  /**
   * @param onPerson is told whose thread is open, once it is known, and "" where none is.
   * @param zoneOf the zone that an account's days are of.
   * @param onShown is told when the page that was opened is there: only then has anybody seen it.
   */
  constructor(
    api: Api,
    onPerson: (person: string) => void = () => undefined,
    zoneOf: (account: string) => string = () => '',
    onShown: () => void = () => undefined,
  ) {
    this.#api = api
    this.#onPerson = onPerson
    this.#zoneOf = zoneOf
    this.#onShown = onShown
  }

  /** The message that was stood at first, where one was asked for. */
  get landed(): Message | undefined {
    return this.messages.find((message) => messageKey(message) === this.standing)
  }

  /**
   * Opens a thread; "" closes. `row` is what the list knows of it already;
   * `together` opens the person's messages instead, at their end. False where
   * that is what is open already.
   */
  open(id: string, spot: Spot, row: ThreadRow | null, together = false): boolean {
    const same = id === this.id && together === this.together
    if (same && spot.message === this.spot.message && spot.day === this.spot.day) return false
    if (same && this.#leap(spot)) return false
    this.#keep()
    for (const each of [this.#details, this.#histories, this.#pages]) each.cancel()
    this.#reading = false
    const elsewhere = spot.message !== '' || spot.day !== ''
    // What was kept has not the messages that nobody has read.
    const read = row !== null && !row.unread
    const kept = elsewhere || together || !read ? undefined : this.#kept.get(id)
    // Turned to the whole person or back: what is known of the thread stays.
    const known = id === this.id ? this : this.#kept.get(id)
    if (id !== this.id) this.unread = null
    this.id = id
    this.together = together
    this.detail = known?.detail ?? null
    this.changes = known?.changes ?? []
    this.row = row ?? this.detail?.thread ?? null
    this.spot = spot
    this.standing = ''
    this.#leaping = same && !kept
    if (!this.#leaping) this.#draw(kept ?? nothing)
    this.phase = kept || (same && this.messages.length > 0) ? 'ready' : 'loading'
    this.error = null
    this.#onPerson(this.row?.person ?? '')
    if (id) void Promise.all([this.#readDetail(), this.#readChanges(), this.#readPage(kept ? null : this.#where())])
    return true
  }

  /** Stands where it was opened again, after one has scrolled away or gone to the end. */
  restand(): void {
    if (this.landed) this.page++
    else void this.#goTo(this.#where())
  }

  /** Reads a page elsewhere in what is open: what is there stays until that is here. */
  #goTo(spot: Partial<PageSpot>): Promise<void> {
    this.#leaping = true
    return this.#readPage(spot)
  }

  /** Goes to a message that is here already. */
  #leap(spot: Spot): boolean {
    const there = spot.message && this.messages.find(({ message }) => message === spot.message)
    if (!there) return false
    this.spot = spot
    this.standing = messageKey(there)
    return true
  }

  /**
   * Threads changed (null: any may have): reads again what is shown, if it is
   * among them. `seen` is false while nobody looks: what comes then is unread.
   */
  async touch(threads: string[] | null, seen = true): Promise<void> {
    if (!this.id || (threads && !threads.some((each) => this.#shows(each)))) return
    const atEnd = this.after === null && this.phase !== 'loading' && !this.#leaping
    // The detail says whose messages they are: after a split it may be another's.
    const detail = this.#readDetail()
    if (this.together) await detail
    await Promise.all([detail, this.#readChanges(), atEnd ? this.#readPage(null, seen) : undefined])
  }

  /** Reports whether something of a thread is shown. */
  #shows(thread: string): boolean {
    if (thread === this.id) return true
    return this.together && (this.detail?.person.threads.some((each) => each.thread === thread) ?? true)
  }

  /** Paints what is known already, before the server says so too. */
  patch(thread: string, change: Partial<ThreadRow>): void {
    if (this.row?.thread === thread) this.row = { ...this.row, ...change }
  }

  retry(): void {
    if (this.messages.length === 0) this.phase = 'loading'
    void Promise.all([
      this.#readDetail(),
      this.#readChanges(),
      this.#readPage(this.messages.length === 0 ? this.#where() : null),
    ])
  }

  /** Reads the page before the first message. */
  async older(): Promise<void> {
    if (this.before !== null && !this.#reading) await this.#extend({ before: this.before })
  }

  /** Reads the page after the last message, where the thread was opened in its middle. */
  async newer(): Promise<void> {
    if (this.after === null || this.#reading) return
    await this.#extend({ after: this.after })
    if (this.after === null) this.#onShown()
  }

  /** Goes to the newest message, however many there are before it that were not read. */
  async toEnd(): Promise<void> {
    if (this.after !== null) await this.#goTo({})
  }

  async #extend(place: Partial<PageSpot>): Promise<void> {
    this.#reading = true
    const older = place.before !== undefined
    const turn = this.#pages.begin()
    try {
      const page = await this.#ask(place, turn.signal)
      if (turn.fresh()) this.#fill(grown(this, page, older), older)
    } catch (err) {
      this.#fail(err, turn.fresh())
    } finally {
      if (turn.fresh()) this.#reading = false
    }
  }

  async #readDetail(): Promise<void> {
    const turn = this.#details.begin()
    try {
      const detail = await this.#api.thread(this.id, turn.signal)
      if (!turn.fresh()) return
      this.detail = detail
      this.row = detail.thread
      this.#onPerson(detail.thread.person)
    } catch (err) {
      this.#fail(err, turn.fresh())
    }
  }

  async #readChanges(): Promise<void> {
    const turn = this.#histories.begin()
    try {
      const changes = await this.#api.history(this.id, turn.signal)
      if (turn.fresh()) this.changes = changes
    } catch {
      // The messages say what is wrong; what is known of the changes stays.
    }
  }

  /** Reads a page to show in place of what is there, or else (null) the newest again. */
  async #readPage(spot: Partial<PageSpot> | null, seen = true): Promise<void> {
    const turn = this.#pages.begin()
    this.#reading = true
    try {
      const page = await this.#ask(spot ?? {}, turn.signal)
      if (!turn.fresh()) return
      if (spot) this.unread ??= page.unread
      else if (!seen) this.unread = page.unread ?? this.unread
      if (spot) this.#draw(page)
      else this.#fill(joined(this, page))
      this.phase = 'ready'
      this.error = null
      if (spot) this.#onShown()
    } catch (err) {
      if (turn.fresh() && !aborted(err) && this.#leaping) this.#draw(nothing)
      this.#fail(err, turn.fresh())
    } finally {
      if (turn.fresh()) this.#reading = this.#leaping = false
    }
  }

  #where(): Partial<PageSpot> {
    return placeOf(this.spot, this.together)
  }

  #ask = (place: Partial<PageSpot>, signal: AbortSignal) => readPage(this.#api, this, place, this.#zoneOf, signal)

  /** Shows a page, from its own place. */
  #draw(page: Stretch & { found?: number | null }): void {
    const found = page.messages[page.found ?? -1]
    this.#fill(page)
    this.standing = found ? messageKey(found) : ''
    this.page++
  }

  #fill(page: Stretch, prepended = false): void {
    this.messages = page.messages
    this.before = page.before
    this.after = page.after
    this.prepended = prepended
  }

  #fail(err: unknown, fresh: boolean): void {
    if (!fresh || aborted(err)) return
    this.error = err instanceof ApiError ? err : new ApiError(0, '', '')
    this.phase = 'failed'
  }

  #keep(): void {
    if (!this.id || this.together || this.after !== null) return
    const { id, detail, changes, messages, before } = this
    this.#kept.put(id, { detail, changes, messages, before, after: null }, keptMessages)
  }
}
