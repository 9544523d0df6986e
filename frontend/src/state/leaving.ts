import type { Status, ThreadRow, View } from '../api/types'

const atWork: readonly Status[] = ['open', 'pending', 'unknown']

/**
 * Reports whether a row, as it is wished to be, is not in a view any more.
 * What only the server knows (a query, the time of a window) is not looked at.
 */
export function leaves(view: View, row: ThreadRow, isMine: (row: ThreadRow) => boolean): boolean {
  const working = atWork.includes(row.status) && row.snoozed?.back !== null
  switch (view) {
    case 'inbox':
    case 'expiring':
      return !working
    case 'needs_reply':
      return !working || row.status === 'unknown'
    case 'mine':
      return !working || !isMine(row)
    case 'unassigned':
      return !working || row.assignees.length > 0
    case 'snoozed':
      return row.snoozed?.back !== null
    case 'spam':
      return row.status !== 'spam'
    case 'all':
      return false
  }
}

/** The row that the keys stand on where the one they stood on leaves with others: the next that stays, or else the one before. */
export function nextStaying(
  rows: readonly ThreadRow[],
  from: string,
  leaving: ReadonlySet<string>,
): ThreadRow | undefined {
  const at = rows.findIndex((row) => row.thread === from)
  const stays = (row: ThreadRow) => !leaving.has(row.thread)
  return rows.slice(at + 1).find(stays) ?? rows.slice(0, Math.max(0, at)).findLast(stays)
}
