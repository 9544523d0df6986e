import { aborted, ApiError, type Api } from '../api/api'
import type { Line } from '../api/events'
import { Latest } from '../api/latest'
import type { AccountPhase, AccountState, Counts, Density, FileNotice, Settings, State } from '../api/types'
import type { Words } from '../words/words.svelte'
import { InTurn } from './inturn'

/** Where the whole screen stands. */
export type Entry = 'starting' | 'in' | 'locked' | 'unreachable'

// From the state that most wants to be known to the one that least does.
const gravity: readonly AccountPhase[] = ['paused', 'failing', 'offline', 'first_copy', 'catching_up', 'up_to_date']

// Less than anybody sees.
const besideMs = 80

/** The office: what is connected, how fresh it is, how many wait. */
export class Office {
  #api: Api
  #words: Words
  #states = new Latest()
  #counts = new Latest()
  // All keys are said each time.
  #saves = new InTurn()
  #state = $state.raw<State | null>(null)
  #tally = $state.raw<Counts | null>(null)
  #now = $state(Date.now())

  entry = $state<Entry>('starting')
  line = $state<Line>('connecting')

  constructor(api: Api, words: Words) {
    this.#api = api
    this.#words = words
  }

  /** What the server last said, or null before it has. */
  get state(): State | null {
    return this.#state
  }

  /** The counts of the views, or null before they are known. */
  get counts(): Counts | null {
    return this.#tally
  }

  /** The time, moving every half minute: for what is "today", and what is left of a window. */
  get now(): number {
    return this.#now
  }

  get accounts(): AccountState[] {
    return this.#state?.accounts ?? []
  }

  /** How much room rows and messages take. */
  get density(): Density {
    return this.#state?.density ?? 'comfortable'
  }

  /** How many changes wait for a platform, and how many for a person. */
  get outbox(): State['outbox'] {
    return this.#state?.outbox ?? { waiting: 0, attention: 0 }
  }

  get notices(): FileNotice[] {
    return this.#state?.notices ?? []
  }

  /** The account whose state matters most; undefined where there is none. */
  gravest: AccountState | undefined = $derived(
    [...this.accounts].sort((a, b) => gravity.indexOf(a.state) - gravity.indexOf(b.state) || older(a, b))[0],
  )

  zoneOf(account: string): string {
    const found = this.accounts.find((each) => each.name === account)
    return found?.zone ?? this.#state?.defaults.zone ?? ''
  }

  /** Moves the clock; the returned func stops it. */
  tick(): () => void {
    const timer = setInterval(() => (this.#now = Date.now()), 30_000)
    return () => clearInterval(timer)
  }

  /** @param beside is waited for a moment: what is drawn with the state need not be drawn twice. */
  async refresh(beside?: Promise<unknown>): Promise<void> {
    const turn = this.#states.begin()
    try {
      const state = await this.#api.state(turn.signal)
      if (beside) await Promise.race([beside, new Promise((resolve) => setTimeout(resolve, besideMs))])
      if (!turn.fresh()) return
      this.#now = Date.now()
      this.#state = state
      this.#words.lang = state.language
      this.entry = 'in'
    } catch (err) {
      if (aborted(err) || !turn.fresh()) return
      if (err instanceof ApiError && err.status === 401) this.entry = 'locked'
      else if (!this.#state) this.entry = 'unreachable'
      else this.line = 'lost'
    }
  }

  async count(account: string): Promise<void> {
    const turn = this.#counts.begin()
    try {
      const counts = await this.#api.counts(account, turn.signal)
      if (turn.fresh()) this.#tally = counts
    } catch {
      // The counts that are shown stay; the status line says what is wrong.
    }
  }

  /** Chooses language, looks or keys: painted at once, kept by the server. Why it was not is answered, else null. */
  async choose(settings: Partial<Settings>): Promise<ApiError | null> {
    this.#paint(settings)
    if (settings.language) this.#words.lang = settings.language
    try {
      await this.#saves.ask(() => this.#api.saveSettings(settings))
      return null
    } catch (err) {
      await this.refresh()
      return err instanceof ApiError ? err : new ApiError(0, '', '')
    }
  }

  /** Pauses an account or lets it go on: painted at once, kept by the server. */
  async hold(account: string, held: boolean): Promise<void> {
    this.#paint({ accounts: this.accounts.map((each) => (each.name === account ? { ...each, held } : each)) })
    await this.#api.hold(account, held).catch(() => undefined)
    await this.refresh()
  }

  /** A notice was read: gone at once. */
  async dismiss(notice: string): Promise<void> {
    this.#paint({ notices: this.notices.filter((each) => each.id !== notice) })
    await this.#api.dismiss(notice).catch(() => this.refresh())
  }

  #paint(change: Partial<State>): void {
    if (this.#state) this.#state = { ...this.#state, ...change }
  }

  /** Follows a link of a message: the window cannot open one itself, so there Bandeja does. */
  followLink(event: MouseEvent, href: string): void {
    if (!this.#state?.native) return
    event.preventDefault()
    this.#api.openLink(href).catch(() => undefined)
  }

  async sync(account = ''): Promise<void> {
    await this.#api.sync(account).catch(() => this.refresh())
  }
}

function older(a: AccountState, b: AccountState): number {
  return time(a.as_of) - time(b.as_of)
}

function time(at: string | null): number {
  return at === null ? 0 : Date.parse(at)
}
