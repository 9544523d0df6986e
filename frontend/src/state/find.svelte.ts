import { aborted, type Api } from '../api/api'
import { Latest } from '../api/latest'
import type { Found, FoundMessage, Message, Range } from '../api/types'
import { messageKey } from './stretch'

const pageSize = 100
/** More than that nobody goes through one by one. */
const mostHits = 1000

/** What is looked through: a thread, or all of a person's as one. */
export type Within = { thread: string } | { person: string }

/** Finding words in the thread that is open, from the newest hit to the oldest. */
export class Find {
  #api: Api
  #within: () => Within | null
  #go: (message: string, first: boolean) => void
  #asks = new Latest()
  #moved = false

  shown = $state(false)
  query = $state('')
  /** Newest first. */
  hits = $state.raw<FoundMessage[]>([])
  /** The place of the hit one stands at; -1 before there is one. */
  at = $state(-1)
  phase = $state<'idle' | 'looking' | 'ready' | 'failed'>('idle')
  /** There are more hits than are here. */
  more = $state(false)
  /** Messages that are not indexed yet. */
  waiting = $state(0)
  /** How often the field was asked for: each time it takes the focus. */
  wanted = $state(0)

  /**
   * @param within what is open, or null.
   * @param go stands at a message; `first` is from where one was before.
   */
  constructor(api: Api, within: () => Within | null, go: (message: string, first: boolean) => void) {
    this.#api = api
    this.#within = within
    this.#go = go
  }

  /** The marked stretches of the messages that were found, by key. */
  marks: ReadonlyMap<string, Range[]> = $derived(
    new Map(this.shown ? this.hits.map((hit) => [messageKey(asShown(hit, this.#within())), hit.ranges]) : []),
  )

  /** The stretches to mark in a message. */
  rangesOf(message: Message): Range[] {
    return this.marks.get(messageKey(message)) ?? []
  }

  /** Opens the bar, or gives its field the focus; false where no thread is open. */
  open(): boolean {
    if (!this.#within()) return false
    this.#moved &&= this.shown
    this.shown = true
    this.wanted++
    return true
  }

  /** Closes the bar, and leaves one where one is. */
  close(): void {
    this.#asks.cancel()
    this.shown = false
    this.query = ''
    this.#clear()
  }

  type(query: string): void {
    this.query = query
    void this.#ask(false)
  }

  /** Something else is open, or more is indexed: asks again, and stays at the hit one is at. */
  async again(): Promise<void> {
    if (this.shown && this.query.trim() !== '') await this.#ask(true)
  }

  /** Goes so many hits towards the oldest; beyond the last one it begins anew. */
  move(by: number): void {
    const { length } = this.hits
    if (length === 0) return
    this.#stand((this.at + by + length) % length)
  }

  #stand(at: number): void {
    const hit = this.hits[at]
    if (!hit) return
    this.at = at
    this.#go(hit.message, !this.#moved)
    this.#moved = true
  }

  #clear(): void {
    this.hits = []
    this.at = -1
    this.more = false
    this.waiting = 0
    this.phase = 'idle'
  }

  async #ask(staying: boolean): Promise<void> {
    const within = this.#within()
    const turn = this.#asks.begin()
    if (this.query.trim() === '' || !within) {
      this.#clear()
      return
    }
    this.phase = 'looking'
    const ask = { q: this.query, only: 'messages' as const, limit: pageSize, ...within }
    try {
      let page = await this.#api.search(ask, turn.signal)
      if (!turn.fresh()) return
      this.#take(page, staying)
      while (page.cursor !== null && this.hits.length < mostHits) {
        page = await this.#api.search({ ...ask, cursor: page.cursor }, turn.signal)
        if (!turn.fresh()) return
        this.hits = [...this.hits, ...page.messages]
        this.more = page.cursor !== null
      }
    } catch (err) {
      if (!aborted(err) && turn.fresh()) this.phase = 'failed'
    }
  }

  #take(page: Found, staying: boolean): void {
    const standing = staying ? this.hits[this.at] : undefined
    this.hits = page.messages
    this.more = page.cursor !== null
    this.waiting = page.index.waiting
    this.phase = 'ready'
    this.at = standing ? this.hits.findIndex((hit) => same(hit, standing)) : -1
    if (!staying) this.#stand(0)
  }
}

function same(a: FoundMessage, b: FoundMessage): boolean {
  return a.account === b.account && a.conversation === b.conversation && a.message === b.message
}

/** A hit as a message of what is open: of one thread no message says its account. */
function asShown(hit: FoundMessage, within: Within | null): Message {
  const { message, conversation, account } = hit
  const key = { message, conversation } as Message
  return within && 'person' in within ? { ...key, account } : key
}
