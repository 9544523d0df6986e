import type { ApiError } from '../api/api'
import { Events } from '../api/events'
import { guessLanguage, Words } from '../words/words.svelte'
import type { OutboxEntry, Provider, View } from '../api/types'
import { Acting } from './acting.svelte'
import { Agents } from './agents.svelte'
import { Backup } from './backup.svelte'
import { Bindings } from './bindings.svelte'
import { Changes } from './changes.svelte'
import { Connect } from './connect.svelte'
import { Dates } from './dates.svelte'
import { Exporting } from './exporting.svelte'
import { findIn } from './findin'
import { Finding } from './finding.svelte'
import { Forgetting } from './forgetting.svelte'
import { Gather, type Burst } from './gather'
import { Inbox } from './inbox.svelte'
import { Insights } from './insights.svelte'
import { Keying } from './keying'
import { Notes } from './notes.svelte'
import { Notifications } from './notifications.svelte'
import { Office } from './office.svelte'
import { Entrance } from './opening'
import { Outbox } from './outbox.svelte'
import { PersonOf } from './person.svelte'
import type { Place } from './place'
import { Route } from './route.svelte'
import { SettingsPages } from './settings.svelte'
import { Snoozing } from './snoozing'
import { surfaceOf } from './surface'
import { Thread } from './thread.svelte'
import { Toasts } from './toast.svelte'

// A thread is read, with nothing over it.
const reading = { page: 'inbox', panel: false, together: false, query: null, within: '' } as const

/** One screen: its state, and how the parts of it move each other. */
export class Desk extends Entrance {
  readonly words = new Words(guessLanguage(navigator.languages))
  readonly office = new Office(this.api, this.words)
  readonly keys = new Bindings(
    () => this.office.state ?? { keys: {}, single_keys: true },
    () => this.office.state?.platform === 'darwin',
    (kept) => void this.office.choose(kept).then((err) => err && this.#unkept(err)),
  )
  readonly inbox = new Inbox(this.api)
  readonly insights = new Insights(this.api)
  readonly thread = new Thread(
    this.api,
    (person) => this.person.show(person),
    (account) => this.office.zoneOf(account),
    () => this.#look(),
  )
  readonly agents = new Agents(this.api)
  readonly outbox = new Outbox(this.api)
  readonly toasts = new Toasts()
  readonly notes = new Notes(this.api, this.toasts, this.words)
  readonly person = new PersonOf(this.api, this.toasts, this.words, () => this.#reread(null))
  readonly forgetting = new Forgetting(this.api, (person) => this.#forgot(person))
  readonly #surface = surfaceOf(this, (threads) => this.#reread(threads))
  readonly changes = new Changes(this.api, this.agents, this.toasts, this.words, this.#surface)
  readonly snoozing = new Snoozing(this.api, this.toasts, this.words, this.#surface)
  readonly acting = new Acting(this.inbox, this.thread, this.changes, this.agents)
  readonly route = new Route((place, from) => this.#arrive(place, from))
  readonly finding = new Finding(this)
  readonly dates = new Dates(this)
  readonly exporting = new Exporting(this)
  readonly backup = new Backup(this.api, () => this.office.state?.native === true)
  readonly find = findIn(this)
  readonly settings = new SettingsPages(this)
  readonly keying = new Keying(this)
  readonly notifications = new Notifications(this)

  /** The help is open. */
  help = $state(false)
  /** The sidebar is open as a drawer (narrow screens). */
  drawer = $state(false)
  /** The tray of changes is open. */
  tray = $state(false)
  /** The account that is being connected, while one is. */
  connect = $state.raw<Connect | null>(null)

  #events: Events | null = null
  #gather = new Gather((burst) => void this.#settle(burst))
  #looked = ''

  /** Shows the office once the page has entered, and goes on until the returned func is called. */
  start(): () => void {
    const heard = [this.route, this.notes, this.inbox, this.notifications]
    const stop = [this.office.tick(), ...heard.map((each) => each.listen())]
    const over = new AbortController()
    this.api.onlocked = () => (this.office.entry = 'locked')
    window.addEventListener('hashchange', () => this.relaunched() && void this.enter(), over)
    document.addEventListener('visibilitychange', () => this.#look(), over)
    void this.enter()
    return () => {
      over.abort()
      this.#events?.close()
      stop.forEach((each) => each())
    }
  }

  async enter(): Promise<void> {
    await this.opened
    this.route.reread()
    // Beside the state, not after it: the list is what one came for.
    const { view, account, filter, sort } = this.route.place
    this.inbox.show(view, account, filter, sort)
    await this.office.refresh(this.inbox.touch())
    if (this.office.entry !== 'in') return
    this.#arrive(this.route.place, null)
    void this.outbox.refresh()
    void this.finding.views.refresh()
    for (const { name } of this.office.accounts) void this.agents.load(name)
    this.#events?.close()
    this.#events = new Events(this.#gather.add, this.#lineIs, this.notifications)
    this.#events.start()
  }

  showView(view: View, account: string): void {
    this.drawer = false
    const sort = this.inbox.sortOf(view)
    this.route.go({ page: 'inbox', view, account, filter: '', sort, thread: '', message: '', panel: false })
  }

  showTray(): void {
    this.drawer = false
    this.tray = true
    void this.outbox.refresh()
  }

  /** Answers an entry that waits: keeps mine, trying again now, or gives it up. */
  async answer(entry: OutboxEntry, how: 'retry' | 'drop'): Promise<void> {
    if (await this.outbox[how](entry.id)) await this.#reread([entry.thread])
    void this.office.refresh()
  }

  showConnect(provider: Provider): void {
    this.drawer = false
    this.route.go({ page: 'connect', provider, thread: '', message: '', panel: false })
  }

  showInsights(): void {
    this.drawer = false
    const { account } = this.route.place
    this.route.go({ ...reading, page: 'insights', account, thread: '', message: '', filter: '' })
  }

  openThread(thread: string): boolean {
    this.inbox.activate(thread)
    this.route.go({ ...reading, thread, message: '' })
    return true
  }

  /** Opens what was found in place of the search, so that Back does not come back to it. */
  openFound(thread: string, message: string): void {
    this.inbox.activate(thread)
    this.route.replace({ ...reading, thread, message })
  }

  goBack(): boolean {
    const { place } = this.route
    if (place.query === null && !place.panel && this.find.shown) this.find.close()
    else if (place.query === null && !place.panel && this.acting.selection.size > 0) this.acting.selection.clear()
    else if (place.query !== null) this.route.back({ query: null, within: '' })
    else if (place.panel) this.route.back({ panel: false })
    else if (place.page === 'connect' || place.page === 'insights') this.route.back({ page: 'inbox' })
    else if (place.page === 'settings') this.settings.back()
    else if (place.thread) this.route.back({ thread: '', message: '' })
    else if (place.filter) this.finding.clear()
    else return false
    return true
  }

  #arrive(place: Place, from: Place | null): void {
    const { state } = this.office
    if (!state || this.office.entry !== 'in') return
    this.connect = place.page === 'connect' ? (this.connect ?? new Connect(this.api, state.defaults)) : null
    this.settings.arrive(place)
    const { list } = this.inbox
    this.inbox.show(place.view, place.account, place.filter, place.sort)
    if (this.inbox.list !== list) this.acting.selection.clear()
    if (place.account !== from?.account) void this.office.count(place.account)
    const row = this.inbox.row(place.thread)
    this.notes.show(place.thread)
    const { id, together } = this.thread
    if (id !== place.thread) this.find.close()
    if (this.thread.open(place.thread, place, row ?? null, place.together)) {
      if (row) this.inbox.activate(place.thread)
      this.#looked = ''
      this.#look()
    }
    if (together !== place.together) void this.find.again()
    if (place.query === null) this.finding.box.close()
    else this.finding.box.show(place.query, place.within)
  }

  /** Tells the server, and paints, that the open thread is being looked at, once it is there: until then it is not known from where on it was unread. */
  #look(): void {
    const { id, phase } = this.thread
    if (!id || phase === 'loading' || document.visibilityState !== 'visible') return
    const newest = `${id} ${this.thread.messages.at(-1)?.message ?? ''}`
    if (newest === this.#looked) return
    this.#looked = newest
    this.inbox.patch(id, { unread: false })
    this.api.open(id).catch(() => undefined)
  }

  #unkept(err: ApiError): void {
    const { t } = this.words
    const text = () => t('keys.unkept', { reason: err.message || t('status_line.lost') })
    this.toasts.show({ tone: 'failed', text })
  }

  #lineIs = (line: Office['line']): void => {
    const again = line === 'live' && this.office.line === 'lost'
    this.office.line = line
    if (again) this.#gather.add({ kind: 'reset' })
  }

  async #settle({ threads, notes, state, search }: Burst): Promise<void> {
    if (notes) void this.notes.refresh()
    if (state) {
      void this.office.refresh()
      this.settings.touch()
    }
    if (search) {
      this.finding.again()
      void this.find.again()
    }
    this.insights.touch()
    if (threads?.size === 0) {
      void this.outbox.refresh()
      void this.office.count(this.route.place.account)
      return
    }
    await this.#reread(threads && [...threads])
    this.#look()
  }

  /** Somebody is in no list any more: what was open of them is closed. */
  #forgot(person: string): void {
    if (this.thread.row?.person === person)
      this.route.replace({ thread: '', message: '', panel: false, together: false, query: null, within: '' })
    void this.#reread(null)
    void this.office.refresh()
    void this.finding.views.refresh()
  }

  /** Reads again what is shown of some threads, or of any (null). */
  async #reread(threads: string[] | null): Promise<void> {
    void this.office.count(this.route.place.account)
    this.finding.views.touch()
    if (threads === null) {
      void this.notes.refresh()
      void this.agents.reload()
    }
    const read = [this.inbox.touch(), this.thread.touch(threads, !document.hidden)]
    await Promise.all([...read, this.outbox.refresh(), this.person.refresh()])
  }
}
