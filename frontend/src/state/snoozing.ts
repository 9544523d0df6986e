import { ApiError, type Api } from '../api/api'
import type { Snoozed, ThreadRow } from '../api/types'
import { moment } from '../text/times'
import type { Words } from '../words/words.svelte'
import type { Toast, Toasts } from './toast.svelte'
import { nameOf, withLeft } from './wishing'

/** What Snoozing needs of the screen. */
export interface Surface {
  /** Lays what is known into the rows that were read. */
  lay: (thread: string, change: { snoozed: Snoozed | null }) => void
  /** Reads threads again; settles when what is shown is the server's word. */
  reread: (threads: string[]) => Promise<void>
  zoneOf: (account: string) => string
  /** Of rows as they will be: how many leave the list. */
  leave: (rows: ThreadRow[]) => number
  /** What the list is called. */
  view: () => string
}

/** Leaving threads for later: painted at once, kept by the server, taken back by the toast. */
export class Snoozing {
  #api: Api
  #toasts: Toasts
  #words: Words
  #surface: Surface

  constructor(api: Api, toasts: Toasts, words: Words, surface: Surface) {
    this.#api = api
    this.#toasts = toasts
    this.#words = words
    this.#surface = surface
  }

  /** Snoozes each row until its time, or no longer for null; an undo is offered. */
  async make(rows: ThreadRow[], until: (row: ThreadRow) => number | null): Promise<void> {
    if (rows.length === 0) return
    const wanted = new Map(rows.map((row) => [row.thread, iso(until(row))]))
    const left = this.#surface.leave(
      rows.map((row) => {
        const until = wanted.get(row.thread) ?? null
        return { ...row, snoozed: until === null ? null : { until, back: null } }
      }),
    )
    const view = this.#surface.view()
    const text = () => withLeft(this.#said(rows, wanted), left, view, this.#words)
    const toast: Toast = { tone: 'done', text, undo: () => this.#undo(rows) }
    this.#toasts.show(toast)
    if (!(await this.#keep(rows, wanted))) this.#toasts.retract(toast)
  }

  /** Gives each row back what it had; false where that was not kept. */
  #undo(rows: ThreadRow[]): Promise<boolean> {
    // What had come back stays back.
    const before = rows.map(({ thread, snoozed }): [string, string | null] => [
      thread,
      snoozed && snoozed.back === null ? snoozed.until : null,
    ])
    const { t } = this.#words
    const [row] = rows
    const text = () =>
      rows.length > 1
        ? t('toast.undone_all', { count: rows.length })
        : t('toast.undone', { name: (row && nameOf(row)) || t('person.unnamed') })
    this.#toasts.show({ tone: 'done', text })
    return this.#keep(rows, new Map(before))
  }

  /** Paints, and asks the server; where it refuses that is said, and its word is shown again. */
  async #keep(rows: ThreadRow[], wanted: ReadonlyMap<string, string | null>): Promise<boolean> {
    let kept = true
    const together = new Map<string | null, string[]>()
    for (const [thread, until] of wanted) {
      this.#surface.lay(thread, { snoozed: until === null ? null : { until, back: null } })
      together.set(until, [...(together.get(until) ?? []), thread])
    }
    try {
      for (const [until, threads] of together) await this.#api.snooze(threads, until)
    } catch (err) {
      kept = false
      for (const row of rows) this.#surface.lay(row.thread, { snoozed: row.snoozed })
      const { t } = this.#words
      const reason = err instanceof ApiError ? err.message : ''
      this.#toasts.show({
        tone: 'failed',
        text: () => t('toast.failed', { reason: reason || t('status_line.lost') }),
      })
    }
    const reread = this.#surface.reread([...wanted.keys()])
    if (kept) await reread // what was not kept can be tried again at once
    return kept
  }

  #said(rows: ThreadRow[], wanted: ReadonlyMap<string, string | null>): string {
    const { t, lang } = this.#words
    const [row] = rows as [ThreadRow]
    const count = rows.length
    const until = wanted.get(row.thread) ?? null
    if (until === null) {
      return count > 1
        ? t('toast.unsnoozed_all', { count })
        : t('toast.unsnoozed', { name: nameOf(row) || t('person.unnamed') })
    }
    if (count > 1) return t('toast.snoozed_all', { count })
    const time = moment(until, Date.now(), { lang, zone: this.#surface.zoneOf(row.account) })
    return t('toast.snoozed', { time, name: nameOf(row) || t('person.unnamed') })
  }
}

const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString())
