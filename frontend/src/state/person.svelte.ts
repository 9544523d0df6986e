import { aborted, ApiError, type Api } from '../api/api'
import { Latest } from '../api/latest'
import type { Contact, Duplicate, Joined, PersonDetail } from '../api/types'
import type { Words } from '../words/words.svelte'
import type { Toasts } from './toast.svelte'

/** The person of the thread that is open: who they are known as, and who else they may be. */
export class PersonOf {
  #api: Api
  #toasts: Toasts
  #words: Words
  #moved: () => Promise<void>
  #reads = new Latest()
  #id = ''

  /** null until it was read. */
  detail = $state.raw<PersonDetail | null>(null)
  /** A decision on who is who is on its way. */
  busy = $state(false)

  /** @param moved is told when somebody was joined or split: threads may be another's now. */
  constructor(api: Api, toasts: Toasts, words: Words, moved: () => Promise<void>) {
    this.#api = api
    this.#toasts = toasts
    this.#words = words
    this.#moved = moved
  }

  /** Shows a person; "" shows none. */
  show(id: string): void {
    if (id === this.#id) return
    this.#id = id
    this.detail = null
    this.#reads.cancel()
    if (id) void this.refresh()
  }

  async refresh(): Promise<void> {
    const id = this.#id
    if (!id) return
    const turn = this.#reads.begin()
    try {
      const detail = await this.#api.person(id, turn.signal)
      if (turn.fresh()) this.detail = detail
    } catch (err) {
      // The thread's own word of the person stands.
      if (!aborted(err) && turn.fresh() && err instanceof ApiError && err.status === 404) this.detail = null
    }
  }

  /** A contact is somebody else. */
  split(contact: Contact): Promise<void> {
    const name = contact.name || contact.phone
    return this.#make(
      (person) => this.#api.split(person, contact.id),
      () => this.#words.t('person.was_split', { name }),
    )
  }

  /** A possible duplicate is this person. */
  join(other: Duplicate): Promise<void> {
    const name = other.name || other.phone
    return this.#make(
      (person) => this.#api.join(person, other.person),
      () => this.#words.t('person.was_joined', { name }),
    )
  }

  /** A possible duplicate is somebody else. */
  apart(other: Duplicate): Promise<void> {
    const name = other.name || other.phone
    return this.#make(
      (person) => this.#api.apart(person, other.person),
      () => this.#words.t('person.was_kept_apart', { name }),
    )
  }

  async #make(ask: (person: string) => Promise<Joined>, text: () => string): Promise<void> {
    const id = this.#id
    if (this.busy || !id) return
    this.busy = true
    try {
      const { undo } = await ask(id)
      this.#toasts.show({ tone: 'done', text, undo: () => this.#undo(undo) })
    } catch (err) {
      this.#refused(err)
    } finally {
      this.busy = false
    }
    await this.#reread()
  }

  async #undo(id: string): Promise<boolean> {
    let done = true
    try {
      await this.#api.undoJoin(id)
      this.#toasts.show({ tone: 'done', text: () => this.#words.t('person.undone') })
    } catch (err) {
      done = false
      this.#refused(err)
    }
    await this.#reread()
    return done
  }

  async #reread(): Promise<void> {
    await Promise.all([this.refresh(), this.#moved()])
  }

  #refused(err: unknown): void {
    const { t } = this.#words
    const reason = err instanceof ApiError ? err.message : ''
    this.#toasts.show({ tone: 'failed', text: () => t('toast.failed', { reason: reason || t('status_line.lost') }) })
  }
}
