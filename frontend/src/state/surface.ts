import type { ThreadRow } from '../api/types'
import type { Desk } from './desk.svelte'

/** The screen, as those see it who change threads: what is painted, and read again. */
export function surfaceOf({ inbox, thread, office }: Desk, reread: (threads: string[]) => Promise<void>) {
  return {
    lay: (id: string, change: Partial<ThreadRow>): void => {
      inbox.patch(id, change)
      thread.patch(id, change)
    },
    reread,
    refresh: () => office.refresh(),
    zoneOf: (account: string) => office.zoneOf(account),
  }
}
