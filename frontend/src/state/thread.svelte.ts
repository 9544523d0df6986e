import { aborted, ApiError, type Api } from '../api/api'
import { Latest } from '../api/latest'
import type { Change, Message, MessagePage, ThreadDetail, ThreadRow } from '../api/types'

const pageSize = 60
const keep = 20

/** What was read of a thread, kept to show it at once when it is opened again. */
interface Kept {
  detail: ThreadDetail | null
  changes: Change[]
  messages: Message[]
  before: string | null
  after: string | null
}

/** A message's key on the screen: its id is its conversation's alone, and that its account's. */
export function messageKey({ account, conversation, message }: Message): string {
  return account === undefined ? `${conversation}/${message}` : `${account}/${conversation}/${message}`
}

/** The thread that is open: whose it is, and as much of its messages, or of all its person's, as was scrolled to. */
export class Thread {
  #api: Api
  #onPerson: (person: string) => void
  #kept = new Map<string, Kept>()
  #details = new Latest()
  #histories = new Latest()
  #pages = new Latest()
  #reading = false

  id = $state('')
  row = $state.raw<ThreadRow | null>(null)
  detail = $state.raw<ThreadDetail | null>(null)
  /** What changed in it, newest first. */
  changes = $state.raw<Change[]>([])
  messages = $state.raw<Message[]>([])
  before = $state<string | null>(null)
  after = $state<string | null>(null)
  phase = $state<'loading' | 'ready' | 'failed'>('loading')
  error = $state.raw<ApiError | null>(null)
  /** The message to stand at, or "" for the end. */
  target = $state('')
  /** The messages are those of all threads of the person. */
  together = $state(false)
  /** The last change put messages before the first: the list must hold its place. */
  prepended = $state.raw(false)

  /** @param onPerson is told whose thread is open, once it is known, and "" where none is. */
  constructor(api: Api, onPerson: (person: string) => void = () => undefined) {
    this.#api = api
    this.#onPerson = onPerson
  }

  /**
   * Opens a thread at its end, or at a message; "" closes. `row` is what the
   * list knows of it already; `together` opens the person's messages at their
   * end instead. False where that is what is open already.
   */
  open(id: string, message: string, row: ThreadRow | null, together = false): boolean {
    if (id === this.id && message === this.target && together === this.together) return false
    this.#keep()
    this.#details.cancel()
    this.#histories.cancel()
    this.#pages.cancel()
    this.#reading = false
    const kept = message || together ? undefined : this.#kept.get(id)
    // Turned to the whole person or back: what is known of the thread stays.
    const known = id === this.id ? this : this.#kept.get(id)
    this.id = id
    this.together = together
    this.detail = known?.detail ?? null
    this.changes = known?.changes ?? []
    this.row = row ?? this.detail?.thread ?? null
    this.target = together ? '' : message
    this.#fill(kept ?? { messages: [], before: null, after: null })
    this.phase = kept ? 'ready' : 'loading'
    this.error = null
    this.#onPerson(this.row?.person ?? '')
    if (id) void Promise.all([this.#readDetail(), this.#readChanges(), this.#readPage()])
    return true
  }

  /** Threads changed (null: any may have): reads again what is shown, if it is among them. */
  async touch(threads: string[] | null): Promise<void> {
    if (!this.id || (threads && !threads.some((each) => this.#shows(each)))) return
    const atEnd = this.after === null && this.phase !== 'loading'
    // The detail says whose messages they are: after a split it may be another's.
    const detail = this.#readDetail()
    if (this.together) await detail
    await Promise.all([detail, this.#readChanges(), atEnd ? this.#readPage() : undefined])
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
    void Promise.all([this.#readDetail(), this.#readChanges(), this.#readPage()])
  }

  /** Reads the page before the first message. */
  async older(): Promise<void> {
    if (this.before === null || this.#reading) return
    await this.#extend({ before: this.before }, (page) => {
      this.prepended = true
      this.messages = unique([...page.messages, ...this.messages])
      this.before = page.before
    })
  }

  /** Reads the page after the last message, where the thread was opened in its middle. */
  async newer(): Promise<void> {
    if (this.after === null || this.#reading) return
    await this.#extend({ after: this.after }, (page) => {
      this.prepended = false
      this.messages = unique([...this.messages, ...page.messages])
      this.after = page.after
    })
  }

  async #extend(place: { before?: string; after?: string }, take: (page: MessagePage) => void): Promise<void> {
    this.#reading = true
    const turn = this.#pages.begin()
    try {
      const page = await this.#ask(place, turn.signal)
      if (turn.fresh()) take(page)
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

  async #readPage(): Promise<void> {
    const turn = this.#pages.begin()
    this.#reading = true
    const around = this.target
    try {
      const page = await this.#ask(around ? { around } : {}, turn.signal)
      if (!turn.fresh()) return
      this.prepended = false
      this.#fill(around ? page : joined(this, page))
      this.phase = 'ready'
      this.error = null
    } catch (err) {
      this.#fail(err, turn.fresh())
    } finally {
      if (turn.fresh()) this.#reading = false
    }
  }

  /** A page of the thread, or of its person, who may have to be asked for first. */
  async #ask(place: { before?: string; after?: string; around?: string }, signal: AbortSignal): Promise<MessagePage> {
    if (!this.together) return this.#api.messages(this.id, { ...place, limit: pageSize }, signal)
    const person = this.row?.person ?? (await this.#api.thread(this.id, signal)).thread.person
    return this.#api.personMessages(person, { ...place, limit: pageSize }, signal)
  }

  #fill(page: Pick<Kept, 'messages' | 'before' | 'after'>): void {
    this.messages = page.messages
    this.before = page.before
    this.after = page.after
  }

  #fail(err: unknown, fresh: boolean): void {
    if (!fresh || aborted(err)) return
    this.error = err instanceof ApiError ? err : new ApiError(0, '', '')
    this.phase = 'failed'
  }

  #keep(): void {
    if (!this.id || this.together || this.after !== null || this.messages.length === 0) return
    const messages = this.messages.slice(-pageSize * 2)
    // What is cut off at the front can no longer be asked for: its cursor is not ours to make.
    if (messages.length < this.messages.length) return
    this.#kept.delete(this.id)
    this.#kept.set(this.id, { detail: this.detail, changes: this.changes, messages, before: this.before, after: null })
    for (const old of [...this.#kept.keys()].slice(0, -keep)) this.#kept.delete(old)
  }
}

/** The newest page laid over what is there; alone, where the two do not meet. */
function joined(
  there: Pick<Kept, 'messages' | 'before'>,
  page: MessagePage,
): Pick<Kept, 'messages' | 'before' | 'after'> {
  const first = page.messages[0]
  const at = first ? there.messages.findIndex((message) => messageKey(message) === messageKey(first)) : -1
  if (at < 0) return page
  return {
    messages: unique([...there.messages.slice(0, at), ...page.messages]),
    before: there.before,
    after: page.after,
  }
}

function unique(messages: Message[]): Message[] {
  const known = new Set<string>()
  return messages.filter((message) => !known.has(messageKey(message)) && known.add(messageKey(message)))
}
