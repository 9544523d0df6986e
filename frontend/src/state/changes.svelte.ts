import { ApiError, type Api } from '../api/api'
import type { Act, ActPreview, OutboxEntry, ThreadRow, Whole, Wish } from '../api/types'
import type { Words } from '../words/words.svelte'
import { Acts, type TakenBack } from './acts'
import type { Agents } from './agents.svelte'
import { insist } from './insisting'
import { madeUp } from './naming'
import { oneWay } from './status'
import type { Toast, Toasts } from './toast.svelte'
import { nameOf, paintBefore, paintOf, paintOfBase, saidOf, withLeft, type Paint } from './wishing'

/** What is asked of the person before a change is made. */
export type Question =
  | { ask: 'confirm'; rows: ThreadRow[]; wish: Wish }
  | {
      ask: 'preview'
      /** Those that are read. */
      rows: ThreadRow[]
      wish: Wish
      /** All of a list is meant, or null for the rows. */
      whole: Whole | null
      counted: ActPreview | null
      error: ApiError | null
    }
  | { ask: 'who'; account: string; go: () => void }

/** What Changes needs of the screen. */
export interface Surface {
  /** Lays what is known into the rows that were read. */
  lay: (thread: string, paint: Paint) => void
  /** Reads threads again; settles when what is shown is the server's word. */
  reread: (threads: string[]) => Promise<void>
  /** Asks again how many changes wait. */
  refresh: () => Promise<void>
  /** Of rows as they will be: how many leave the list. The keys stand on one that stays. */
  leave: (rows: ThreadRow[]) => number
  /** Which of some threads the list has. */
  listed: (threads: string[]) => string[]
  /** What the list is called. */
  view: () => string
  /** All that are connected. */
  accounts: () => string[]
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
  #acts: Acts
  #paints = $state.raw<readonly ReadonlyMap<string, Paint>[]>([])

  /** What is being asked, or null. */
  question = $state.raw<Question | null>(null)

  constructor(api: Api, agents: Agents, toasts: Toasts, words: Words, surface: Surface) {
    this.#api = api
    this.#agents = agents
    this.#toasts = toasts
    this.#words = words
    this.#surface = surface
    this.#acts = new Acts(api, words)
  }

  /** A row as it is wished: what the server said, with what it has not heard yet laid over. */
  paint = (row: ThreadRow): ThreadRow => {
    for (const paints of this.#paints) {
      const paint = paints.get(row.thread)
      if (paint) row = { ...row, ...paint }
    }
    return row
  }

  /** Makes a change, asking first where it cannot be taken back or is of several threads; `whole` means all of a list. */
  make(rows: ThreadRow[], wish: Wish, whole: Whole | null = null): void {
    const [row] = rows
    if (!row) return
    if (rows.length > 1 || whole) void this.#preview(rows, wish, whole)
    else if ('status' in wish && oneWay(row.provider, wish.status)) this.question = { ask: 'confirm', rows, wish }
    else void this.#send(row, wish, false)
  }

  /** Yes to what is asked; of `who`, once the answer is kept. */
  accept(): void {
    const { question } = this
    this.question = null
    if (question?.ask === 'who') question.go()
    else if (question?.ask === 'preview') void this.#sendAll(question)
    else if (question?.rows[0]) void this.#send(question.rows[0], question.wish, true)
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
    void this.#undo(new Map([[entry.thread, paintOfBase(entry)]]), [entry.name], async () => {
      const { left } = await this.#api.undo([entry.id])
      const stays = left.length > 0 ? this.#words.t('toast.undo_left', { count: left.length }) : ''
      return { undone: 1 - left.length, stays }
    })
  }

  async #preview(rows: ThreadRow[], wish: Wish, whole: Whole | null): Promise<void> {
    const question = { ask: 'preview' as const, rows, wish, whole, counted: null, error: null }
    this.question = question
    try {
      const counted = await this.#api.planAct(whole ?? { threads: ids(rows) }, wish)
      if (this.question === question) this.question = { ...question, counted }
    } catch (err) {
      if (this.question !== question) return
      const accounts = whole && !whole.account ? this.#surface.accounts() : rows.map((row) => row.account)
      if (asksWho(err)) await this.#askWho(accounts, () => this.make(rows, wish, whole))
      else this.question = { ...question, error: errorOf(err) }
    }
  }

  async #send(row: ThreadRow, wish: Wish, confirm: boolean): Promise<void> {
    const op = madeUp()
    const asked = insist(() => this.#api.change([row.thread], wish, op, confirm))
    const before = new Map([[row.thread, paintBefore(row, wish)]])
    const undo = () =>
      this.#undo(before, [nameOf(row)], async () => {
        const { plan } = await asked
        return plan.change > 0 ? this.#acts.takeBack(op) : { undone: 1, stays: '' } // it was so already
      })
    const failed = await this.#make([row], wish, asked, undo, () => saidOf(row, wish, this.#words, this.#agents))
    if (!failed) return
    const { err } = failed
    if (asksWho(err)) await this.#askWho([row.account], () => void this.#send(row, wish, confirm))
    else if (err instanceof ApiError && err.code === 'confirm') this.question = { ask: 'confirm', rows: [row], wish }
    else this.#refused(err)
  }

  async #sendAll({ rows, wish, counted }: Extract<Question, { ask: 'preview' }>): Promise<void> {
    if (!counted) return
    const op = madeUp()
    let act = $state.raw<Act | null>(null)
    const asked = this.#acts.make(op, counted.list, wish, (now) => (act = now))
    const before = new Map(rows.map((row) => [row.thread, paintBefore(row, wish)]))
    const undo = () => this.#undo(before, rows.map(nameOf), () => this.#acts.takeBack(op))
    const said = () => {
      const { t } = this.#words
      if (act?.state === 'doing') return t('toast.changing', { done: act.total - act.left, count: act.total })
      return t('toast.changed', { count: act?.changed ?? counted.plan.change })
    }
    const failed = await this.#make(rows, wish, asked, undo, said)
    if (failed) this.#refused(failed.err)
  }

  /** Paints rows, offers an undo and waits; what kept it from being done is answered. */
  async #make(
    rows: ThreadRow[],
    wish: Wish,
    asked: Promise<unknown>,
    undo: () => unknown,
    said: () => string,
  ): Promise<{ err: unknown } | null> {
    const paints = new Map(rows.map((row) => [row.thread, paintOf(row, wish, this.#agents)]))
    const listed = this.#surface.listed(ids(rows))
    let left = $state(this.#surface.leave(rows.map((row) => ({ ...row, ...paints.get(row.thread) }))))
    const view = this.#surface.view()
    const text = () => withLeft(said(), left, view, this.#words)
    const toast: Toast = { tone: 'done', text, undo }
    this.#toasts.show(toast)
    try {
      await this.#painted(paints, asked)
      if (this.#surface.view() === view) left = listed.length - this.#surface.listed(listed).length
      return null
    } catch (err) {
      this.#toasts.retract(toast)
      return { err }
    }
  }

  /** Paints what was before and asks for it; false where it could not be asked for. */
  async #undo(
    before: ReadonlyMap<string, Paint>,
    names: string[],
    takeBack: () => Promise<TakenBack>,
  ): Promise<boolean> {
    const [name = ''] = names
    const { t } = this.#words
    let count = $state(names.length)
    const text = () =>
      names.length > 1 ? t('toast.undone_all', { count }) : t('toast.undone', { name: name || t('person.unnamed') })
    this.#toasts.show({ tone: 'done', text })
    try {
      const asked = takeBack()
      await this.#painted(before, asked)
      const { undone, stays } = await asked
      count = undone
      if (stays !== '') this.#toasts.show({ tone: 'failed', text: () => (undone > 0 ? `${text()} · ${stays}` : stays) })
      return true
    } catch (err) {
      this.#refused(err)
      return false
    }
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

  #refused(err: unknown): void {
    const { t } = this.#words
    const reason = errorOf(err).message
    this.#toasts.show({
      tone: 'failed',
      text: () => t('toast.failed', { reason: reason || t('status_line.lost') }),
    })
  }

  /** Asks who one is in the first of the accounts where that is not known. */
  async #askWho(of: string[], go: () => void): Promise<void> {
    this.question = null
    const accounts = [...new Set(of)]
    await Promise.all(accounts.map((account) => this.#agents.load(account)))
    const account = accounts.find((each) => !this.#agents.me(each)) ?? accounts[0]
    if (account) this.question = { ask: 'who', account, go }
  }
}

const ids = (rows: ThreadRow[]) => rows.map((row) => row.thread)

function asksWho(err: unknown): boolean {
  return err instanceof ApiError && err.status === 409 && err.code === 'who'
}

function errorOf(err: unknown): ApiError {
  return err instanceof ApiError ? err : new ApiError(0, '', '')
}
