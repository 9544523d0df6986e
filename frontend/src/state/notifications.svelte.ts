import { ApiError, type Api } from '../api/api'
import type { Call, Listener } from '../api/events'
import type { NotificationSettings } from '../api/types'
import { table } from './commandtable'
import type { Desk } from './desk.svelte'
import { InTurn } from './inturn'
import { Presence } from './presence'

/** Whether the browser shows notifications of this page. */
export type Leave = NotificationPermission | 'unsupported'

/** How it went to try one, or to keep what was chosen: the sentence why not. */
export type Outcome = { kind: 'tried' } | { kind: 'failed'; why: string }

/** What somebody is told of who looks elsewhere: what they chose, and the showing in a browser. */
export class Notifications implements Listener {
  readonly presence: Presence
  #api: Api
  #desk: Desk
  #settings = $state.raw<NotificationSettings | null>(null)
  #leave = $state<Leave>(leave())
  #outcome = $state.raw<Outcome | null>(null)
  // All that was chosen is said each time.
  #saves = new InTurn()

  constructor(desk: Desk) {
    this.#desk = desk
    this.#api = desk.api
    this.presence = new Presence(desk.api)
    this.presence.canNotify = this.#leave === 'granted'
  }

  /** What was chosen, or null before it is known. */
  get settings(): NotificationSettings | null {
    return this.#settings
  }

  get leave(): Leave {
    return this.#leave
  }

  get outcome(): Outcome | null {
    return this.#outcome
  }

  get page(): string {
    return this.presence.page
  }

  onOpen = (): void => this.presence.again()

  onCall = (call: Call): void => {
    if (call.kind === 'goto') this.#open(call.thread)
    else if (call.kind === 'press') this.#press(call.command)
    else this.#show(call)
  }

  /** Follows the focus, and what is allowed elsewhere; the returned func ends it. */
  listen(): () => void {
    const stop = this.presence.listen()
    let watched: PermissionStatus | undefined
    const changed = () => this.#look()
    void navigator.permissions
      ?.query({ name: 'notifications' })
      .then((status) => {
        watched = status
        status.addEventListener('change', changed)
      })
      .catch(() => undefined)
    return () => {
      watched?.removeEventListener('change', changed)
      stop()
    }
  }

  async read(): Promise<void> {
    this.#outcome = null
    this.#look()
    this.#settings = await this.#api.notifications().catch(() => this.#settings)
  }

  /** Changes what was chosen: painted at once, kept by the server, taken back where that fails. */
  async change(change: Partial<NotificationSettings>): Promise<void> {
    const before = this.#settings
    if (!before) return
    this.#outcome = null
    const now = { ...before, ...change }
    this.#settings = now
    try {
      await this.#saves.ask(() => this.#api.saveNotifications(now))
    } catch (err) {
      if (this.#settings === now) this.#settings = before
      this.#fail(err)
    }
  }

  /** Asks the browser's leave: only from a click, and where nobody has answered yet. */
  async ask(): Promise<Leave> {
    if (this.#leave === 'default') await Notification.requestPermission().catch(() => undefined)
    this.#look()
    return this.#leave
  }

  /** Has one shown as messages are told of. */
  async try(): Promise<void> {
    this.#outcome = null
    try {
      await this.#api.tryNotification()
      this.#outcome = { kind: 'tried' }
    } catch (err) {
      this.#fail(err)
    }
  }

  /** Goes where a click leads: to the thread, or to the list. */
  #open(thread: string): void {
    if (thread) this.#desk.openThread(thread)
    else this.#desk.showView('inbox', '')
  }

  /** Does a command of the window's menu; one that this page does not know is of a newer program. */
  #press(command: string): void {
    const known = table.find(({ id }) => id === command)
    if (known) this.#desk.keying.run(known.id)
  }

  #fail(err: unknown): void {
    this.#outcome = { kind: 'failed', why: err instanceof ApiError ? err.message : '' }
  }

  #look(): void {
    this.#leave = leave()
    this.presence.canNotify = this.#leave === 'granted'
  }

  #show({ tag, title, body, thread }: Extract<Call, { kind: 'notify' }>): void {
    try {
      // renotify: one that takes another's place is heard, too. Not every lib.dom has it.
      const options: NotificationOptions & { renotify: boolean } = { tag, body, renotify: true, icon: '/favicon.svg' }
      const shown = new Notification(title, options)
      shown.onclick = () => {
        window.focus()
        shown.close()
        this.#open(thread)
      }
    } catch {
      this.#leave = 'unsupported' // browsers of phones have it and throw
      this.presence.canNotify = false
    }
  }
}

function leave(): Leave {
  return 'Notification' in globalThis ? Notification.permission : 'unsupported'
}
