import { Api } from '../api/api'
import { Events, type Change } from '../api/events'
import { enter, launchCode } from '../api/session'
import { guessLanguage, Words } from '../words/words.svelte'
import type { Provider, View } from '../api/types'
import { Connect } from './connect.svelte'
import { Inbox } from './inbox.svelte'
import { focusOf, Keys, type Command } from './keys'
import { Office } from './office.svelte'
import { Route, type Place } from './route.svelte'
import { Search } from './search.svelte'
import { Thread } from './thread.svelte'

// Changes come in bursts while a copy runs: they are gathered this long.
const gatherMs = 400

/** One screen: its state, and how the parts of it move each other. */
export class Desk {
  readonly words = new Words(guessLanguage(navigator.languages))
  readonly api = new Api(() => (this.office.entry = 'locked'))
  readonly office = new Office(this.api, this.words)
  readonly inbox = new Inbox(this.api)
  readonly thread = new Thread(this.api)
  readonly search = new Search(this.api)
  readonly route = new Route((place, from) => this.#arrive(place, from))

  /** The help is open. */
  help = $state(false)
  /** The sidebar is open as a drawer (narrow screens). */
  drawer = $state(false)
  /** The account that is being connected, while one is. */
  connect = $state.raw<Connect | null>(null)

  #keys = new Keys()
  #events: Events | null = null
  #gathered: { threads: Set<string> | null; state: boolean } | null = null
  #gathering = false
  #looked = ''

  /** Enters with the launch code if there is one, and goes on until the returned func is called. */
  start(): () => void {
    const stop = [this.office.tick(), this.route.listen(), () => this.#events?.close()]
    const relaunched = () => {
      if (launchCode(location.hash) !== null) void this.enter()
    }
    const seen = () => this.#look()
    window.addEventListener('hashchange', relaunched)
    document.addEventListener('visibilitychange', seen)
    stop.push(() => window.removeEventListener('hashchange', relaunched))
    stop.push(() => document.removeEventListener('visibilitychange', seen))
    void this.enter()
    return () => stop.forEach((each) => each())
  }

  async enter(): Promise<void> {
    await enter(this.api).catch(() => undefined)
    this.route.reread()
    await this.office.refresh()
    if (this.office.entry !== 'in') return
    this.#arrive(this.route.place, null)
    this.#events?.close()
    this.#events = new Events(
      (change) => this.#gather(change),
      (line) => this.#lineIs(line),
    )
    this.#events.start()
  }

  /** Handles a key; true when it was ours. */
  press(event: KeyboardEvent): boolean {
    if (document.querySelector('dialog[open]') && event.key !== 'k') return false
    const command = this.#keys.read(event, focusOf(event.target))
    return command !== null && this.run(command)
  }

  run(command: Command): boolean {
    const { place } = this.route
    switch (command.do) {
      case 'down':
      case 'up':
        return this.inbox.move(command.do === 'down' ? 1 : -1, place.thread) !== undefined
      case 'open':
        return this.inbox.active !== '' && this.openThread(this.inbox.active)
      case 'next':
      case 'previous': {
        const row = this.inbox.move(command.do === 'next' ? 1 : -1, place.thread)
        return row !== undefined && this.openThread(row.thread)
      }
      case 'back':
        return this.goBack()
      case 'search':
        if (place.query === null) this.route.go({ query: '' })
        return true
      case 'help':
        this.help = true
        return true
      case 'view':
        this.showView(command.view, place.account)
        return true
    }
  }

  showView(view: View, account: string): void {
    this.drawer = false
    this.route.go({ page: 'inbox', view, account, thread: '', message: '', panel: false })
  }

  showConnect(provider: Provider): void {
    this.drawer = false
    this.route.go({ page: 'connect', provider, thread: '', message: '', panel: false })
  }

  /** Follows a link of a message: the window cannot open one itself, so there Bandeja does. */
  followLink(event: MouseEvent, href: string): void {
    if (!this.office.state?.native) return
    event.preventDefault()
    this.api.openLink(href).catch(() => undefined)
  }

  openThread(thread: string): boolean {
    this.inbox.activate(thread)
    this.route.go({ page: 'inbox', thread, message: '', panel: false, query: null })
    return true
  }

  /** Opens what was found in place of the search, so that Back does not come back to it. */
  openFound(thread: string, message: string): void {
    this.inbox.activate(thread)
    this.route.replace({ page: 'inbox', thread, message, panel: false, query: null })
  }

  goBack(): boolean {
    const { place } = this.route
    if (place.query !== null) this.route.back({ query: null })
    else if (place.panel) this.route.back({ panel: false })
    else if (place.page === 'connect') this.route.back({ page: 'inbox' })
    else if (place.thread) this.route.back({ thread: '', message: '' })
    else return false
    return true
  }

  /** Asks for what is not here yet of the thread that is open. */
  complete(): void {
    if (this.thread.id) this.api.open(this.thread.id).catch(() => this.office.refresh())
  }

  #arrive(place: Place, from: Place | null): void {
    const { state } = this.office
    if (!state || this.office.entry !== 'in') return
    if (place.page !== 'connect') this.connect = null
    else this.connect ??= new Connect(this.api, state.defaults)
    this.inbox.show(place.view, place.account)
    if (place.account !== from?.account) void this.office.count(place.account)
    if (place.thread !== this.thread.id || place.message !== this.thread.target) {
      this.thread.open(place.thread, place.message, this.inbox.row(place.thread) ?? null)
      if (place.thread && this.inbox.row(place.thread)) this.inbox.activate(place.thread)
      this.#looked = ''
      this.#look()
    }
    if (place.query === null) this.search.clear()
    else if (place.query !== from?.query) void this.search.ask(place.query)
  }

  /** Tells the server, and paints, that the open thread is being looked at. */
  #look(): void {
    const { id } = this.thread
    if (!id || document.visibilityState !== 'visible') return
    const newest = `${id} ${this.thread.messages.at(-1)?.message ?? ''}`
    if (newest === this.#looked) return
    this.#looked = newest
    this.inbox.read(id)
    this.api.open(id).catch(() => undefined)
  }

  #lineIs(line: Office['line']): void {
    const again = line === 'live' && this.office.line === 'lost'
    this.office.line = line
    if (again) this.#gather({ kind: 'reset' })
  }

  #gather(change: Change): void {
    const known = (this.#gathered ??= { threads: new Set(), state: false })
    if (change.kind !== 'threads') known.state = true
    if (change.kind === 'reset' || (change.kind === 'threads' && change.threads === null)) known.threads = null
    else if (change.kind === 'threads') for (const id of change.threads ?? []) known.threads?.add(id)
    if (this.#gathering) return
    this.#gathering = true
    setTimeout(() => void this.#settle(), gatherMs)
  }

  async #settle(): Promise<void> {
    const known = this.#gathered
    this.#gathered = null
    this.#gathering = false
    if (!known) return
    if (known.state) void this.office.refresh()
    void this.office.count(this.route.place.account)
    if (known.threads?.size === 0) return
    this.inbox.touch()
    await this.thread.touch(known.threads && [...known.threads])
    this.#look()
  }
}
