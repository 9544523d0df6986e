import { sorts, views, type Provider, type Sort, type View } from '../api/types'
import { knownPeriod, usualPeriod } from '../text/periods'
import { sections, type Section } from './sections'

const typingMs = 300

/** Where the screen is; all of it is in the address, so that Back, a reload and a copied link come to the same place. */
export interface Place {
  page: 'inbox' | 'connect' | 'settings' | 'insights'
  view: View
  /** The thread that is open, or "". */
  thread: string
  /** Only this account's threads, or "" for all. */
  account: string
  /** The message to open at, or "" for the end. */
  message: string
  /** The day (`2026-04-13`) to open at, where there is no message to. */
  day: string
  /** The person's panel is open as a sheet (narrow screens). */
  panel: boolean
  /** What is being searched; null when the search is closed. */
  query: string | null
  /** The thread or person it is searched in, or "" for all. */
  within: string
  /** The query that the list is narrowed by, or "". */
  filter: string
  /** What the list is sorted by; "" is the view's own. */
  sort: Sort
  /** All threads of the person are read as one. */
  together: boolean
  /** Which platform is being connected. */
  provider: Provider
  /** The days that Insights counts: see text/periods. */
  period: string
  /** Which section of the settings is open. */
  section: Section
  /** Which of what the section lists is open, as an account by its name, or "". */
  detail: string
}

export const home: Place = {
  page: 'inbox',
  view: 'inbox',
  thread: '',
  account: '',
  message: '',
  day: '',
  panel: false,
  query: null,
  within: '',
  filter: '',
  sort: '',
  together: false,
  provider: 'waspy',
  period: usualPeriod,
  section: sections[0],
  detail: '',
}

/** Reads `#/inbox/t_…?account=ventas`; `#/t/t_…` is a link to a thread wherever it stands. What it cannot read is home. */
export function parsePlace(hash: string): Place {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?', 2)
  const [head = '', id = '', part = ''] = path.split('/').map(decode)
  const more = new URLSearchParams(search)
  const place = {
    ...home,
    account: more.get('account') ?? '',
    message: more.get('m') ?? '',
    day: dayIn(more),
    panel: more.has('panel'),
    query: more.get('find'),
    within: more.get('in') ?? '',
    filter: more.get('q') ?? '',
    sort: (sorts.find((each) => each === more.get('sort')) ?? '') as Sort,
    together: more.has('together'),
  }
  if (head === 'connect') return { ...place, page: 'connect', provider: id === 'platica' ? 'platica' : 'waspy' }
  if (head === 'settings') {
    const section = sections.find((each) => each === id)
    return { ...place, page: 'settings', section: section ?? sections[0], detail: section ? part : '' }
  }
  if (head === 'insights') return { ...place, page: 'insights', period: knownPeriod(more.get('period') ?? '') }
  if (head === 't') return { ...place, view: 'all', thread: id }
  const view = views.find((each) => each.replace('_', '-') === head)
  return { ...place, view: view ?? 'inbox', thread: view ? id : '' }
}

/** Writes a place as a hash; parsePlace reads it back the same. */
export function formatPlace(place: Place): string {
  const more = new URLSearchParams()
  if (place.filter) more.set('q', place.filter)
  if (place.sort) more.set('sort', place.sort)
  if (place.account) more.set('account', place.account)
  if (place.page === 'insights' && place.period !== usualPeriod) more.set('period', place.period)
  if (place.message) more.set('m', place.message)
  else if (place.day) more.set('day', place.day)
  if (place.panel) more.set('panel', '')
  if (place.together) more.set('together', '')
  if (place.query !== null) more.set('find', place.query)
  if (place.within) more.set('in', place.within)
  const search = more.size > 0 ? `?${more.toString().replace(/=(?=&|$)/g, '')}` : ''
  if (place.page === 'connect') return `#/connect/${place.provider}${search}`
  if (place.page === 'settings') {
    const detail = place.detail ? `/${encodeURIComponent(place.detail)}` : ''
    return `#/settings/${place.section}${detail}${search}`
  }
  if (place.page === 'insights') return `#/insights${search}`
  const thread = place.thread ? `/${encodeURIComponent(place.thread)}` : ''
  return `#/${place.view.replace('_', '-')}${thread}${search}`
}

/** Who says at which message says at which day, too: at none. */
function moved(from: Place, change: Partial<Place>): Place {
  return { ...from, ...('message' in change && { day: '' }), ...change }
}

function dayIn(more: URLSearchParams): string {
  const day = more.get('day') ?? ''
  return !more.get('m') && /^\d{4}-\d\d-\d\d$/.test(day) ? day : ''
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return ''
  }
}

/** The address of the page, as state. */
export class Route {
  #place = $state.raw<Place>(home)
  #onMove: (place: Place, from: Place) => void
  // How many entries of the history are ours to go back over.
  #depth = 0
  #writing: ReturnType<typeof setTimeout> | undefined

  /** @param onMove is told of every move, with the place before it. */
  constructor(onMove: (place: Place, from: Place) => void) {
    this.#onMove = onMove
    this.#read()
  }

  get place(): Place {
    return this.#place
  }

  /** Listens to Back, Forward and edited addresses; the returned func ends it. */
  listen(): () => void {
    const moved = () => this.reread()
    window.addEventListener('popstate', moved)
    window.addEventListener('hashchange', moved)
    return () => {
      window.removeEventListener('popstate', moved)
      window.removeEventListener('hashchange', moved)
    }
  }

  /** Goes to a place: a new entry of the history. */
  go(change: Partial<Place>): void {
    this.#move(change, 'pushState')
  }

  /** Changes the place without a new entry: what Back should not stop at. */
  replace(change: Partial<Place>): void {
    this.#move(change, 'replaceState')
  }

  /**
   * Changes the place at once, and the address only when no more is typed:
   * browsers take a hundred changes of the address in half a minute, and no more.
   */
  type(change: Partial<Place>): void {
    const from = this.#place
    this.#place = moved(from, change)
    clearTimeout(this.#writing)
    this.#writing = setTimeout(() => this.#write(), typingMs)
    this.#onMove(this.#place, from)
  }

  /** Back to where we were before, or to `otherwise` when the page was opened right here. */
  back(otherwise: Partial<Place>): void {
    this.#write()
    if (this.#depth > 0) history.back()
    else this.replace(otherwise)
  }

  /** Writes what was typed into the address, where that waits. */
  #write(): void {
    if (this.#writing === undefined) return
    clearTimeout(this.#writing)
    this.#writing = undefined
    history.replaceState({ depth: this.#depth }, '', formatPlace(this.#place))
  }

  #move(change: Partial<Place>, how: 'pushState' | 'replaceState'): void {
    this.#write()
    const place = moved(this.#place, change)
    const hash = formatPlace(place)
    if (hash === formatPlace(this.#place)) how = 'replaceState'
    if (how === 'pushState') this.#depth++
    history[how]({ depth: this.#depth }, '', hash)
    const from = this.#place
    this.#place = place
    this.#onMove(place, from)
  }

  /** Reads the address again, as after Back. */
  reread(): void {
    clearTimeout(this.#writing)
    this.#writing = undefined
    const from = this.#place
    this.#read()
    if (formatPlace(from) !== formatPlace(this.#place)) this.#onMove(this.#place, from)
  }

  #read(): void {
    const state = history.state as { depth?: number } | null
    this.#depth = state?.depth ?? 0
    this.#place = parsePlace(location.hash)
  }
}
