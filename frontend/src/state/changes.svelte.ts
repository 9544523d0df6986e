import { ApiError, type Api } from '../api/api'
import type { OutboxEntry, Plan, ThreadRow, Wish } from '../api/types'
import type { Words } from '../words/words.svelte'
import type { Agents } from './agents.svelte'
import { oneWay } from './status'
import type { Toast, Toasts } from './toast.svelte'

/** What a wish makes of a row. */
export type Paint = Partial<Pick<ThreadRow, 'status' | 'status_word' | 'assignees' | 'pending'>>

/** What is asked of the person before a change is made. */
export type Question =
  | { ask: 'confirm'; rows: ThreadRow[]; wish: Wish }
  | { ask: 'preview'; rows: ThreadRow[]; wish: Wish; plan: Plan | null; error: ApiError | null }
  | { ask: 'who'; account: string; rows: ThreadRow[]; wish: Wish; confirm: boolean }

/** A change that was made from this page and can be taken back. */
interface Made {
  before: ReadonlyMap<string, Paint>
  names: string[]
  entries: Promise<OutboxEntry[]>
}

/** What Changes needs of the screen. */
export interface Surface {
  /** Lays what is known into the rows that were read. */
  lay: (thread: string, paint: Paint) => void
  /** Reads threads again; settles when what is shown is the server's word. */
  reread: (threads: string[]) => Promise<void>
  /** Asks again how many changes wait. */
  refresh: () => Promise<void>
}

/**
 * Changing status and assignment. What is wished is painted before the server
 * is asked, and stays painted until the rows were read again; where the server
 * refuses, it is taken back and said why.
 */
export class Changes {
  #api: Api
  #agents: Agents
  #toasts: Toasts
  #words: Words
  #surface: Surface
  #paints = $state.raw<readonly ReadonlyMap<string, Paint>[]>([])

  /** What is being asked, or null. */
  question = $state.raw<Question | null>(null)

  constructor(api: Api, agents: Agents, toasts: Toasts, words: Words, surface: Surface) {
    this.#api = api
    this.#agents = agents
    this.#toasts = toasts
    this.#words = words
    this.#surface = surface
  }

  /** A row as it is wished: what the server said, with what it has not heard yet laid over. */
  paint = (row: ThreadRow): ThreadRow => {
    for (const paints of this.#paints) {
      const paint = paints.get(row.thread)
      if (paint) row = { ...row, ...paint }
    }
    return row
  }

  /** Makes a change, asking first where it cannot be taken back or is of several threads. */
  make(rows: ThreadRow[], wish: Wish): void {
    const [row] = rows
    if (!row) return
    if (rows.length > 1) void this.#preview(rows, wish)
    else if ('status' in wish && oneWay(row.provider, wish.status)) this.question = { ask: 'confirm', rows, wish }
    else void this.#send(rows, wish, false)
  }

  /** Yes to what is asked; of `who`, once the answer is kept. */
  accept(): void {
    const { question } = this
    this.question = null
    if (!question) return
    void this.#send(question.rows, question.wish, question.ask === 'who' ? question.confirm : true)
  }

  cancel(): void {
    this.question = null
  }

  /** Says which agent of the account that was asked about is oneself, and goes on. */
  async iAm(ref: string): Promise<boolean> {
    if (this.question?.ask !== 'who') return false
    const kept = await this.#agents.save(this.question.account, ref, { me: true })
    if (kept) this.accept()
    return kept
  }

  /** Takes back what an entry did, or drops it where it still waits. */
  undo(entry: OutboxEntry): void {
    const before = new Map([[entry.thread, paintOfBase(entry)]])
    void this.#undo({ before, names: [entry.name], entries: Promise.resolve([entry]) })
  }

  async #preview(rows: ThreadRow[], wish: Wish): Promise<void> {
    const question = { ask: 'preview' as const, rows, wish, plan: null, error: null }
    this.question = question
    try {
      const { plan } = await this.#api.change(ids(rows), wish, { preview: true })
      if (this.question === question) this.question = { ...question, plan }
    } catch (err) {
      if (this.question !== question) return
      if (asksWho(err)) await this.#askWho(rows, wish, true)
      else this.question = { ...question, error: errorOf(err) }
    }
  }

  async #send(rows: ThreadRow[], wish: Wish, confirm: boolean): Promise<void> {
    const paints = new Map(rows.map((row) => [row.thread, this.#paintOf(row, wish)]))
    const made: Made = {
      before: new Map(
        rows.map(({ thread, status, status_word, assignees, pending }) => [
          thread,
          'status' in wish ? { status, status_word, pending } : { assignees, pending },
        ]),
      ),
      names: rows.map(nameOf),
      entries: this.#api.change(ids(rows), wish, confirm ? { confirm: true } : {}).then(({ entries }) => entries),
    }
    const toast: Toast = { tone: 'done', text: () => this.#said(rows, wish), undo: () => this.#undo(made) }
    this.#toasts.show(toast)
    try {
      await this.#painted(paints, made.entries)
    } catch (err) {
      this.#toasts.retract(toast)
      if (asksWho(err)) await this.#askWho(rows, wish, confirm)
      else if (err instanceof ApiError && err.code === 'confirm') this.question = { ask: 'confirm', rows, wish }
      else this.#refused(err)
    }
  }

  /** Takes it back; false where it could not be asked for. */
  async #undo(made: Made): Promise<boolean> {
    const { names } = made
    const [name = ''] = names
    const text = () =>
      names.length > 1
        ? this.#words.t('toast.undone_all', { count: names.length })
        : this.#words.t('toast.undone', { name: name || this.#words.t('person.unnamed') })
    this.#toasts.show({ tone: 'done', text })
    try {
      await this.#painted(
        made.before,
        made.entries.then((entries) => this.#takeBack(entries)),
      )
      return true
    } catch (err) {
      this.#refused(err)
      return false
    }
  }

  /** Asks the server; what could not be taken back is said, the rest is. */
  async #takeBack(entries: OutboxEntry[]): Promise<void> {
    if (entries.length === 0) return // it was so already
    const { left } = await this.#api.undo(entries.map((entry) => entry.id))
    if (left.length === 0) return
    const text = () => this.#words.t('toast.undo_left', { count: left.length })
    this.#toasts.show({ tone: 'failed', text })
  }

  /** Paints until what was asked is answered and the rows were read again, or it failed. */
  async #painted(paints: ReadonlyMap<string, Paint>, asked: Promise<unknown>): Promise<void> {
    this.#paints = [...this.#paints, paints]
    try {
      await asked
      for (const [thread, paint] of paints) this.#surface.lay(thread, paint)
      await this.#surface.reread([...paints.keys()])
    } finally {
      void this.#surface.refresh()
      this.#paints = this.#paints.filter((each) => each !== paints)
    }
  }

  #paintOf(row: ThreadRow, wish: Wish): Paint {
    if ('status' in wish) {
      return row.status === wish.status
        ? {}
        : { status: wish.status, status_word: wish.status, pending: row.pending ?? 'waiting' }
    }
    const me = this.#agents.me(row.account)
    const assignees = 'assignees' in wish ? wish.assignees : me ? [me.ref] : row.assignees
    return same(assignees, row.assignees) ? {} : { assignees, pending: row.pending ?? 'waiting' }
  }

  /** What was done, in a sentence. */
  #said(rows: ThreadRow[], wish: Wish): string {
    const [row] = rows as [ThreadRow]
    const { t } = this.#words
    if (rows.length > 1) return t('toast.changed', { count: rows.length })
    const name = nameOf(row) || t('person.unnamed')
    if ('status' in wish) {
      const status = t(`status.${wish.status}`)
      return t('toast.status', { status, name })
    }
    if ('me' in wish) return t('toast.mine', { name })
    const [ref] = wish.assignees
    if (ref === undefined) return t('toast.unassigned', { name })
    const names = wish.assignees.map((each) => this.#agents.name(row.account, each) ?? t('assignee.some'))
    const agents = names.join(', ')
    return t('toast.assigned', { agents, name })
  }

  #refused(err: unknown): void {
    const { t } = this.#words
    const reason = errorOf(err).message
    this.#toasts.show({
      tone: 'failed',
      text: () => t('toast.failed', { reason: reason || t('status_line.lost') }),
    })
  }

  /** Asks who one is in the first of the accounts where that is not known. */
  async #askWho(rows: ThreadRow[], wish: Wish, confirm: boolean): Promise<void> {
    this.question = null
    const accounts = [...new Set(rows.map((row) => row.account))]
    await Promise.all(accounts.map((account) => this.#agents.load(account)))
    const account = accounts.find((each) => !this.#agents.me(each)) ?? accounts[0]
    if (account) this.question = { ask: 'who', account, rows, wish, confirm }
  }
}

const ids = (rows: ThreadRow[]) => rows.map((row) => row.thread)

const nameOf = (row: ThreadRow) => row.name || row.phone

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each) => b.includes(each))
}

function paintOfBase({ field, base, base_status: status }: OutboxEntry): Paint {
  if (field === 'assignees') return { assignees: base }
  return { status: status || 'unknown', status_word: base[0] ?? '' }
}

function asksWho(err: unknown): boolean {
  return err instanceof ApiError && err.status === 409 && err.code === 'who'
}

function errorOf(err: unknown): ApiError {
  return err instanceof ApiError ? err : new ApiError(0, '', '')
}
