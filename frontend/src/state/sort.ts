import type { Sort, View } from '../api/types'

/** What a view is sorted by unless a person sorts it; the snoozed by when they come back. */
export function ownSort(view: View): Exclude<Sort, 'waiting'> {
  if (view === 'snoozed') return ''
  return view === 'expiring' ? 'expiring' : 'newest'
}
