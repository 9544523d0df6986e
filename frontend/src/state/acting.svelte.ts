import type { ThreadRow, Whole, Wish } from '../api/types'
import type { Agents } from './agents.svelte'
import type { Changes } from './changes.svelte'
import type { Command } from './commandtable'
import type { Inbox } from './inbox.svelte'
import { Selection } from './selection.svelte'
import { wouldChange } from './status'
import type { Thread } from './thread.svelte'

/** A menu that is open, of what, and where. */
export interface OpenMenu {
  kind: 'status' | 'assign' | 'snooze' | 'row'
  rows: ThreadRow[]
  at: { left: number; top: number; bottom: number }
}

/** Where a menu may open: a thing on the screen, or a point of it. */
export type Anchor = Element | { x: number; y: number }

/** Which rows the keys and menus act on, and acting on them. */
export class Acting {
  #inbox: Inbox
  #thread: Thread
  #changes: Changes
  #agents: Agents

  readonly selection = new Selection()
  menu = $state.raw<OpenMenu | null>(null)

  constructor(inbox: Inbox, thread: Thread, changes: Changes, agents: Agents) {
    this.#inbox = inbox
    this.#thread = thread
    this.#changes = changes
    this.#agents = agents
  }

  /** All of the list is chosen, and not only what was read of it. */
  get whole(): Whole | null {
    const { list } = this.#inbox
    if (!this.selection.whole || this.chosen.length === 0) return null
    const { view, account, filter: q, sort } = list
    return { view, account, q, sort }
  }

  /** The rows that are drawn as chosen. */
  get marked(): ReadonlySet<string> {
    return this.whole ? new Set(this.#order()) : this.selection.threads
  }

  /** Chooses all of the list: what is not read of it, too. */
  chooseWhole(): void {
    this.selection.all(this.#order())
    this.selection.whole = !this.#inbox.list.ended
  }

  /** Makes a change of what is chosen, or of rows. */
  change(rows: ThreadRow[], wish: Wish): void {
    this.#changes.make(rows, wish, this.whole)
  }

  /** The rows that are chosen, as they are painted. */
  chosen: ThreadRow[] = $derived.by(() =>
    this.selection.size === 0
      ? []
      : this.#inbox.list.rows.filter((row) => this.selection.has(row.thread)).map((row) => this.#changes.paint(row)),
  )

  /**
   * What a key acts on: the rows that are chosen, else the row the keys stand
   * on, else the thread that is open. A row that has left the list is none,
   * unless it is the open thread: the next key must not hit another. What is
   * gone at the platform cannot be changed there.
   */
  #target(narrow: boolean): ThreadRow[] {
    return this.meant(narrow).filter((each) => !each.gone)
  }

  /** As #target, with what is gone at the platform. */
  meant(narrow: boolean): ThreadRow[] {
    if (this.chosen.length > 0) return this.chosen
    const { active } = this.#inbox
    const id = narrow && this.#thread.id ? this.#thread.id : active || this.#thread.id
    const row = this.#inbox.row(id) ?? (id === this.#thread.id ? this.#thread.row : null)
    return row ? [this.#changes.paint(row)] : []
  }

  /** Does what a key asks for; false when it was not for here. */
  run(command: Command, narrow: boolean): boolean {
    switch (command) {
      case 'resolve':
      case 'reopen':
        this.#status(this.#target(narrow), command === 'resolve' ? 'resolved' : 'open')
        return true
      case 'mine':
        this.change(this.#target(narrow), { me: true })
        return true
      case 'unassign':
        this.#unassign(this.#target(narrow))
        return true
      case 'assign':
      case 'snooze':
        if (command === 'snooze' && this.whole) return true // only what is read can be
        this.open(command, this.#target(narrow), null)
        return true
      case 'select':
        if (this.#inbox.active) this.selection.toggle(this.#inbox.active)
        return true
      case 'all':
        this.selection.all(this.#order())
        return true
      case 'extend_down':
      case 'extend_up': {
        const from = this.#inbox.active
        const row = this.#inbox.move(command === 'extend_down' ? 1 : -1, this.#thread.id)
        if (row) this.selection.range(this.#order(), row.thread, from || row.thread)
        return true
      }
      default:
        return false
    }
  }

  /** Chooses with the mouse: Shift a range, otherwise one more. */
  choose(thread: string, range: boolean): void {
    const from = this.#inbox.active || this.#thread.id
    if (range) this.selection.range(this.#order(), thread, from)
    else this.selection.toggle(thread)
    this.#inbox.activate(thread)
  }

  /** Opens a menu for rows; where the rows have no place of their own, at what is drawn of the first. */
  open(kind: OpenMenu['kind'], rows: ThreadRow[], anchor: Anchor | null): void {
    if (rows.length === 0) return
    for (const account of new Set(rows.map((each) => each.account))) void this.#agents.load(account)
    this.menu = { kind, rows, at: placeOf(anchor ?? drawnOf(kind, rows)) }
  }

  /** Yes to what is asked; rows that were chosen for it are let go. */
  accept(): void {
    if (this.#changes.question?.ask === 'preview') this.selection.clear()
    this.#changes.accept()
  }

  #status(rows: ThreadRow[], status: 'resolved' | 'open'): void {
    const [row] = rows
    if (rows.length > 1 || this.whole || (row && wouldChange(row, status))) this.change(rows, { status })
  }

  #unassign(rows: ThreadRow[]): void {
    if (this.whole || rows.some((row) => row.assignees.length > 0)) this.change(rows, { assignees: [] })
  }

  #order(): string[] {
    return this.#inbox.list.rows.map((row) => row.thread)
  }
}

/** The button or row on the screen that a menu opened by a key belongs to. */
function drawnOf(kind: OpenMenu['kind'], rows: ThreadRow[]): Element | null {
  const visible = (selector: string) =>
    [...document.querySelectorAll(selector)].find((element) => element.getClientRects().length > 0) ?? null
  if (rows.length > 1) return visible(`[data-bulk="${kind}"]`)
  const thread = CSS.escape(rows[0]?.thread ?? '')
  return visible(`[data-menu="${kind}"][data-of="${thread}"]`) ?? visible(`[data-thread="${thread}"]`)
}

function placeOf(anchor: Anchor | null): OpenMenu['at'] {
  if (anchor instanceof Element) {
    const { left, top, bottom } = anchor.getBoundingClientRect()
    return { left, top, bottom }
  }
  const { x, y } = anchor ?? { x: innerWidth / 3, y: innerHeight / 3 }
  return { left: x, top: y, bottom: y }
}
