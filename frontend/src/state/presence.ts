import type { Api } from '../api/api'
import type { Presence as Said } from '../api/types'
import { InTurn } from './inturn'

// So often it is said again while the page has the focus: a server that hears
// nothing for 90 s believes that nobody looks any more.
const againMs = 30_000

/**
 * Tells the server what this page shows and whether somebody looks at it, so
 * that nobody is told of what they see.
 */
export class Presence {
  /** The name of this page, for as long as it is open. */
  readonly page = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`
  #api: Api
  #says = new InTurn()
  #thread = ''
  #unread = 0
  #canNotify = false
  #shown = false
  #last = ''

  constructor(api: Api) {
    this.#api = api
  }

  /** Listens to the focus; the returned func ends it. */
  listen(): () => void {
    const moved = () => this.#tell()
    const timer = setInterval(() => document.hasFocus() && this.again(), againMs)
    window.addEventListener('focus', moved)
    window.addEventListener('blur', moved)
    document.addEventListener('visibilitychange', moved)
    return () => {
      clearInterval(timer)
      window.removeEventListener('focus', moved)
      window.removeEventListener('blur', moved)
      document.removeEventListener('visibilitychange', moved)
    }
  }

  /** What is shown now: a thread or "", and the number in the title. */
  show(thread: string, unread: number): void {
    this.#thread = thread
    this.#unread = unread
    this.#shown = true
    this.#tell()
  }

  /** Whether the browser lets this page show notifications. */
  set canNotify(can: boolean) {
    this.#canNotify = can
    this.#tell()
  }

  /** Says it once more: the server may have begun anew. */
  again(): void {
    this.#last = ''
    this.#tell()
  }

  #tell(): void {
    if (!this.#shown) return
    const said: Said = {
      page: this.page,
      focused: document.visibilityState === 'visible' && document.hasFocus(),
      thread: this.#thread,
      can_notify: this.#canNotify,
      unread: this.#unread,
    }
    const told = JSON.stringify(said)
    if (told === this.#last) return
    this.#last = told
    this.#says.ask(() => this.#api.tellPresence(said)).catch(() => (this.#last = ''))
  }
}
