import type { Desk } from './desk.svelte'
import { Find, type Within } from './find.svelte'

/** Finding words in what a screen has open. */
export function findIn(desk: Desk): Find {
  const { thread, route } = desk
  const within = (): Within | null => {
    if (!thread.row) return null
    return thread.together ? { person: thread.row.person } : { thread: thread.id }
  }
  // Back comes back to where one was before the first of them.
  const stand = (message: string, first: boolean): void => {
    if (route.place.message === message) thread.restand()
    else if (first) route.go({ message })
    else route.type({ message })
  }
  return new Find(desk.api, within, stand)
}

/** Shows what is found as a list. */
export function listFound({ thread, find, finding }: Desk): void {
  const { query } = find
  find.close()
  finding.open(thread.together ? (thread.row?.person ?? '') : thread.id, query)
}
