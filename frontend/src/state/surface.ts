import type { ThreadRow } from '../api/types'
import type { Desk } from './desk.svelte'
import { leaves, nextStaying } from './leaving'

/** The screen, as those see it who change threads: what is painted, and read again. */
export function surfaceOf(desk: Desk, reread: (threads: string[]) => Promise<void>) {
  const { inbox, thread, office } = desk
  const isMine = ({ account, assignees }: ThreadRow) => {
    const me = desk.agents.me(account)
    return me !== undefined && assignees.includes(me.ref)
  }
  return {
    lay: (id: string, change: Partial<ThreadRow>): void => {
      inbox.patch(id, change)
      thread.patch(id, change)
    },
    reread,
    refresh: () => office.refresh(),
    zoneOf: (account: string) => office.zoneOf(account),
    accounts: () => office.accounts.map(({ name }) => name),
    view: () => (inbox.list.filter ? inbox.list.filter : desk.words.t(`view.${inbox.list.view}`)),
    listed: (threads: string[]) => threads.filter((each) => inbox.row(each) !== undefined),
    leave: (rows: ThreadRow[]): number => {
      const { view } = inbox.list
      const left = rows.filter((row) => inbox.row(row.thread) && leaves(view, row, isMine)).map((row) => row.thread)
      // Who reads a thread goes on reading it, and acting on it.
      if (left.includes(inbox.active) && inbox.active !== thread.id) {
        const next = nextStaying(inbox.list.rows, inbox.active, new Set(left))
        if (next) inbox.activate(next.thread)
      }
      return left.length
    },
  }
}
