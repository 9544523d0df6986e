import { sorts, views, type Provider, type Sort, type View } from '../api/types'
import { knownPeriod, usualPeriod } from '../text/periods'
import { sections, type Section } from './sections'

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
