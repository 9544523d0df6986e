import type { Api } from '../api/api'

// While one types it is kept this often; while it cannot be, it is tried again this often.
const typingMs = 300
const retryMs = 3000

/**
 * What is being written in one thread. The server keeps it as it is typed, so
 * that it outlives the page; what it has not kept yet stays here.
 */
export class Draft {
  #api: Api
  // What the server has; null until it was heard.
  #kept: string | null = null
  #timer: ReturnType<typeof setTimeout> | undefined
  #sending: Promise<boolean> | null = null
  #turn = 0
  #text = $state('')

  readonly thread: string
  /** The last try to keep it failed; it is being tried again. */
  failed = $state(false)

  constructor(api: Api, thread: string) {
    this.#api = api
    this.thread = thread
  }

  get text(): string {
    return this.#text
  }

  /** Nothing of it is here alone. */
  get safe(): boolean {
    return this.#text === (this.#kept ?? '') && !this.#sending
  }

  type(text: string): void {
    this.#text = text
    this.#soon(typingMs)
  }

  /** Begins to ask for what the server has. What was sent meanwhile makes the answer an old one: then it is not heard. */
  ask(): (kept: string) => void {
    const turn = this.#sending ? -1 : this.#turn
    return (kept) => {
      if (turn === this.#turn) this.#hear(kept)
    }
  }

  /** It became a note, and the server has let it go; what was typed since then stays. */
  spent(text: string): void {
    this.#turn++
    this.#kept = ''
    if (this.#text === text) this.#text = ''
    this.#soon(typingMs)
  }

  /** Keeps it now; settles when it is kept or could not be. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    while (this.#kept !== null && this.#text !== this.#kept) {
      if (!(await this.#send())) return
    }
  }

  /** The page goes: a request that outlives it is all that is left. */
  leave(): void {
    if (this.#kept === null || this.#text === this.#kept) return
    this.#api.saveDraft(this.thread, this.#text, true).catch(() => undefined)
  }

  /** What is typed stands; what was typed before the server's first word comes after that. */
  #hear(kept: string): void {
    if (this.#kept === null) this.#text = [kept, this.#text].filter((each) => each !== '').join('\n')
    else if (this.safe) this.#text = kept
    this.#kept = kept
    this.#soon(typingMs)
  }

  #soon(wait: number): void {
    if (this.#kept === null || this.#text === this.#kept) return
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      void this.#send().then(() => this.#soon(typingMs))
    }, wait)
  }

  /** Sends it as it is now, unless it is being sent; false when it was not kept. */
  #send(): Promise<boolean> {
    return (this.#sending ??= this.#put().finally(() => (this.#sending = null)))
  }

  async #put(): Promise<boolean> {
    const text = this.#text
    this.#turn++
    try {
      await this.#api.saveDraft(this.thread, text)
    } catch {
      this.failed = true
      this.#soon(retryMs)
      return false
    }
    this.#kept = text
    this.failed = false
    return true
  }
}
