/** What changed, ids only; `threads: null` means that any of them may have. */
export type Change = { kind: 'threads' | 'notes'; threads: string[] | null } | { kind: 'state' | 'search' | 'reset' }

/** Whether changes reach this tab at present. */
export type Line = 'connecting' | 'live' | 'lost'

/** What one page alone is told: to show a notification, to open a thread ("" for the list), or to do a command of the window's menu. */
export type Call =
  | { kind: 'notify'; tag: string; title: string; body: string; thread: string }
  | { kind: 'goto'; thread: string }
  | { kind: 'press'; command: string }

/** The page as the stream knows it. */
export interface Listener {
  /** Its name, as in its presence. */
  page: string
  onOpen: () => void
  onCall: (call: Call) => void
}

type Told = { change: Change } | { line: Line } | { ask: 'line' }

const kinds = ['threads', 'notes', 'state', 'search', 'reset'] as const
const calls = ['notify', 'goto', 'press'] as const
const channelName = 'bandeja-events'

/**
 * The stream of changes. HTTP/1.1 gives a browser six connections for all tabs
 * of one address, so one tab holds the stream (a Web Lock decides which) and
 * tells the others over a BroadcastChannel. When it closes, the next one takes
 * over and says `reset`: it cannot know what was missed in between.
 */
export class Events {
  #onChange: (change: Change) => void
  #onLine: (line: Line) => void
  #listener: Listener
  #channel: BroadcastChannel | null = null
  #source: EventSource | null = null
  #line: Line = 'connecting'
  #retry: ReturnType<typeof setTimeout> | undefined
  #wait = 1000
  #over = new AbortController()

  constructor(onChange: (change: Change) => void, onLine: (line: Line) => void, listener: Listener) {
    this.#onChange = onChange
    this.#onLine = onLine
    this.#listener = listener
  }

  start(): void {
    if (!('locks' in navigator) || !('BroadcastChannel' in window)) {
      this.#hold(false)
      return
    }
    this.#channel = new BroadcastChannel(channelName)
    this.#channel.onmessage = (event: MessageEvent<Told>) => this.#hear(event.data)
    this.#channel.postMessage({ ask: 'line' } satisfies Told)
    void navigator.locks
      .request(channelName, { ifAvailable: true }, (lock) => (lock ? this.#holdUntilOver(false) : this.#queue()))
      .catch(() => undefined)
  }

  close(): void {
    this.#over.abort()
    clearTimeout(this.#retry)
    this.#source?.close()
    this.#channel?.close()
  }

  /** Waits for the lock beside, not inside, the request that found it taken. */
  #queue(): void {
    const wait = { signal: this.#over.signal }
    void navigator.locks.request(channelName, wait, () => this.#holdUntilOver(true)).catch(() => undefined)
  }

  #holdUntilOver(later: boolean): Promise<void> {
    this.#hold(later)
    return new Promise((resolve) => this.#over.signal.addEventListener('abort', () => resolve()))
  }

  #hold(mayHaveMissed: boolean): void {
    if (this.#over.signal.aborted) return
    const source = new EventSource(`/api/events?page=${encodeURIComponent(this.#listener.page)}`)
    this.#source = source
    source.onopen = () => {
      this.#wait = 1000
      this.#tellLine('live')
      this.#listener.onOpen()
      if (mayHaveMissed) this.#tell({ kind: 'reset' })
      mayHaveMissed = false
    }
    source.onerror = () => {
      this.#tellLine('lost')
      if (source.readyState !== EventSource.CLOSED) return
      // Refused outright (no session, or not ours): EventSource gives up, we do not.
      this.#retry = setTimeout(() => this.#hold(true), this.#wait)
      this.#wait = Math.min(this.#wait * 2, 30_000)
      this.#tell({ kind: 'state' })
    }
    for (const kind of kinds) {
      source.addEventListener(kind, (event) => {
        const change = readChange(kind, (event as MessageEvent<string>).data)
        if (change) this.#tell(change)
      })
    }
    for (const kind of calls) {
      source.addEventListener(kind, (event) => {
        const call = readCall(kind, (event as MessageEvent<string>).data)
        if (call) this.#listener.onCall(call)
      })
    }
  }

  #hear(told: Told): void {
    if ('change' in told) this.#onChange(told.change)
    else if ('line' in told) this.#onLine((this.#line = told.line))
    else if (this.#source) this.#channel?.postMessage({ line: this.#line } satisfies Told)
  }

  #tell(change: Change): void {
    this.#channel?.postMessage({ change } satisfies Told)
    this.#onChange(change)
  }

  #tellLine(line: Line): void {
    this.#line = line
    this.#channel?.postMessage({ line } satisfies Told)
    this.#onLine(line)
  }
}

/** Reads one event; null for what is not the contract's. */
export function readChange(kind: Change['kind'], data: string): Change | null {
  if (kind !== 'threads' && kind !== 'notes') return { kind }
  try {
    const { threads } = JSON.parse(data) as { threads?: unknown }
    if (threads === null) return { kind, threads }
    if (!Array.isArray(threads)) return null
    return { kind, threads: threads.filter((id) => typeof id === 'string') }
  } catch {
    return null
  }
}

/** Reads what one page is told; null for what is not the contract's. */
export function readCall(kind: Call['kind'], data: string): Call | null {
  try {
    const { tag, title, body, thread, command } = JSON.parse(data) as Record<string, unknown>
    if (kind === 'press') return typeof command === 'string' ? { kind, command } : null
    if (typeof thread !== 'string') return null
    if (kind === 'goto') return { kind, thread }
    if (typeof tag !== 'string' || !tag || typeof title !== 'string' || typeof body !== 'string') return null
    return { kind, tag, title, body, thread }
  } catch {
    return null
  }
}
