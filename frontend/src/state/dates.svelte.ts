import { Latest } from '../api/latest'
import type { MessageDays } from '../api/types'
import { weeksOf } from '../text/days'
import { dayKey } from '../text/times'
import type { Desk } from './desk.svelte'

/** Going to a date of what is open, by a calendar of the days that have messages. */
export class Dates {
  #desk: Desk
  #reads = new Latest()
  #looked = ''

  /** The calendar is open. */
  shown = $state(false)
  /** The days of the month that is shown, and of the weeks at its edges, that have messages. */
  marked = $state.raw<ReadonlySet<string>>(new Set())
  /** The days of the oldest and the newest message; null where that is not known. */
  first = $state<string | null>(null)
  last = $state<string | null>(null)

  constructor(desk: Desk) {
    this.#desk = desk
  }

  /** Opens the calendar; false where there is nothing to go to a date of. */
  show(): boolean {
    if (!this.#desk.thread.row) return false
    this.first = this.last = null
    this.marked = new Set()
    this.#looked = ''
    this.shown = true
    return true
  }

  close(): void {
    this.shown = false
    this.#reads.cancel()
  }

  get zone(): string {
    return this.#desk.office.zoneOf(this.#desk.thread.row?.account ?? '')
  }

  get today(): string {
    return this.#dayOf(this.#desk.office.now)
  }

  /** Where one is: the day one went to, or of the newest message that is here. */
  get here(): string {
    const { thread } = this.#desk
    const at = (thread.landed ?? thread.messages.at(-1))?.at
    return at ? this.#dayOf(at) : this.today
  }

  #dayOf(at: number | string): string {
    return dayKey(at, { lang: this.#desk.words.lang, zone: this.zone })
  }

  /** Reads which days of a day's month have messages. */
  async look(day: string): Promise<void> {
    const month = day.slice(0, 7)
    const { thread, api } = this.#desk
    if (!thread.row || month === this.#looked) return
    this.#looked = month
    const weeks = weeksOf(day)
    const span = { from: weeks[0]?.[0] ?? day, to: weeks.at(-1)?.[6] ?? day, zone: this.zone }
    const turn = this.#reads.begin()
    const of = thread.together ? { person: thread.row.person } : { thread: thread.id }
    const found = await api.days(of, span, turn.signal).catch(() => null)
    if (turn.fresh()) this.#take(found)
  }

  /** Without an answer nothing is marked: a date can be gone to all the same. */
  #take(found: MessageDays | null): void {
    this.marked = new Set(found?.days)
    this.first = found?.first ?? this.first
    this.last = found?.last ?? this.last
    if (!found) this.#looked = ''
  }

  /** Goes to a day; Back comes back to where one was. */
  go(day: string): void {
    const { route, thread } = this.#desk
    this.close()
    if (route.place.day === day) thread.restand()
    else route.go({ message: '', day, panel: false })
  }
}
