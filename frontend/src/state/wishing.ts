import type { OutboxEntry, ThreadRow, Wish } from '../api/types'
import type { Words } from '../words/words.svelte'
import type { Agents } from './agents.svelte'

/** What a wish makes of a row. */
export type Paint = Partial<Pick<ThreadRow, 'status' | 'status_word' | 'assignees' | 'pending'>>

export const nameOf = (row: ThreadRow) => row.name || row.phone

/** How a row looks as it is wished to be. */
export function paintOf(row: ThreadRow, wish: Wish, agents: Agents): Paint {
  if ('status' in wish) {
    return row.status === wish.status
      ? {}
      : { status: wish.status, status_word: wish.status, pending: row.pending ?? 'waiting' }
  }
  const me = agents.me(row.account)
  const assignees = 'assignees' in wish ? wish.assignees : me ? [me.ref] : row.assignees
  return same(assignees, row.assignees) ? {} : { assignees, pending: row.pending ?? 'waiting' }
}

/** What of a row a wish may change, as it is. */
export function paintBefore({ status, status_word, assignees, pending }: ThreadRow, wish: Wish): Paint {
  return 'status' in wish ? { status, status_word, pending } : { assignees, pending }
}

/** What an entry's field was before it. */
export function paintOfBase({ field, base, base_status: status }: OutboxEntry): Paint {
  if (field === 'assignees') return { assignees: base }
  return { status: status || 'unknown', status_word: base[0] ?? '' }
}

/** What was done to one row, in a sentence. */
export function saidOf(row: ThreadRow, wish: Wish, { t }: Words, agents: Agents): string {
  const name = nameOf(row) || t('person.unnamed')
  if ('status' in wish) {
    const status = t(`status.${wish.status}`)
    return t('toast.status', { status, name })
  }
  if ('me' in wish) return t('toast.mine', { name })
  const [ref] = wish.assignees
  if (ref === undefined) return t('toast.unassigned', { name })
  const names = wish.assignees.map((each) => agents.name(row.account, each) ?? t('assignee.some')).join(', ')
  return t('toast.assigned', { agents: names, name })
}

/** Says that so many have left the view that is shown, where some have. */
export function withLeft(said: string, left: number, view: string, { t }: Words): string {
  return left > 0 ? `${said} · ${t('toast.left', { count: left, view })}` : said
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each) => b.includes(each))
}
