import type { Change, Conversation, Message, Note, UnreadFrom } from '../api/types'
import { dayKey, type Place } from '../text/times'
import { messageKey } from './stretch'

/** A line of the thread as it is drawn: a message, or what stands between messages. */
export type Entry =
  | { kind: 'incomplete'; key: 'incomplete' }
  | { kind: 'unread'; key: 'unread' }
  | { kind: 'day'; key: string; at: string }
  | { kind: 'session'; key: string; conversation: Conversation | undefined; at: string | null }
  | { kind: 'change'; key: string; change: Change }
  | { kind: 'note'; key: string; note: Note }
  | { kind: 'message'; key: string; message: Message }

/** What stands before the first message of a history that is known to lack something. */
export const incomplete: Entry = { kind: 'incomplete', key: 'incomplete' }

const unreadFrom: Entry = { kind: 'unread', key: 'unread' }

/** The first unread message: by its name, or where it was not here yet when that was asked, by its time. */
function isUnread({ message, conversation, account, direction, at }: Message, unread: UnreadFrom): boolean {
  if (unread.message === '') return direction === 'in' && at !== null && at > (unread.since ?? '')
  return (
    message === unread.message &&
    conversation === unread.conversation &&
    (account === undefined || account === unread.account)
  )
}

/** Says from where on messages are unread, before what separates the first of them from the others. */
export function withUnread(entries: Entry[], unread: UnreadFrom | null): Entry[] {
  const at = unread ? entries.findIndex((entry) => entry.kind === 'message' && isUnread(entry.message, unread)) : -1
  if (at < 0) return entries
  const from = headOf(entries, at)
  return [...entries.slice(0, from), unreadFrom, ...entries.slice(from)]
}

/** Where what belongs to an entry begins: it, or what separates it from those before. */
export function headOf(entries: readonly Entry[], index: number): number {
  let from = index
  while (['day', 'session', 'unread'].includes(entries[from - 1]?.kind ?? '')) from--
  return from
}

/** Reports whether an entry says a day. */
export function saysDay(entry: Entry | undefined): boolean {
  return entry?.kind === 'day' || (entry?.kind === 'session' && entry.at !== null)
}

/** The day of what stands at an entry, as a time in it; "" where that is not known. */
export function dayOver(entries: readonly Entry[], index: number): string {
  const known = entries
    .slice(0, index + 1)
    .findLast((entry) => saysDay(entry) || (entry.kind === 'message' && entry.message.at !== null))
  if (known?.kind === 'message') return known.message.at ?? ''
  return known?.kind === 'day' || known?.kind === 'session' ? (known.at ?? '') : ''
}

/** How much of a thread was read: its changes are drawn only among what is here. */
export interface Extent {
  atStart: boolean
  atEnd: boolean
}

/** What is not a message and has a time, as it is laid among the messages. */
interface Dated {
  at: number
  entry: Entry
}

function dated(changes: readonly Change[], notes: readonly Note[]): Dated[] {
  const changed = [...changes]
    .sort((a, b) => Date.parse(a.until) - Date.parse(b.until))
    .map((change, i): Dated => {
      const key = `change/${i}/${change.field}/${change.until}`
      return { at: Date.parse(change.until), entry: { kind: 'change', key, change } }
    })
  const noted = notes.map((note): Dated => {
    return { at: Date.parse(note.made_at), entry: { kind: 'note', key: `note/${note.id}`, note } }
  })
  return [...changed, ...noted].sort((a, b) => a.at - b.at)
}

/**
 * Lays changes and notes among the entries, each at its time: before the first
 * message that is later. Those that fall beyond what was read are left out,
 * for there they would stand in the wrong place.
 */
export function withDated(
  entries: Entry[],
  changes: readonly Change[],
  notes: readonly Note[],
  { atStart, atEnd }: Extent,
): Entry[] {
  const oldest = dated(changes, notes)
  const laid: Entry[] = []
  let next = 0
  let begun = atStart
  const lay = (before: number) => {
    for (let each = oldest[next]; each && each.at < before; each = oldest[++next]) {
      if (begun) laid.push(each.entry)
    }
  }
  for (const [i, entry] of entries.entries()) {
    // What separates messages belongs to the message after it.
    const message = entry.kind === 'message' ? entry : entries.slice(i).find((each) => each.kind === 'message')
    if (entry.kind !== 'incomplete' && message?.message.at) lay(Date.parse(message.message.at))
    if (entry.kind === 'message' && entry.message.at) begun = true
    laid.push(entry)
  }
  if (atEnd) lay(Infinity)
  return laid
}

/**
 * The messages with their separators: a day's where the day changes in the
 * account's zone, a session's where the provider's conversation does. A
 * session that begins a day says the day itself.
 */
export function entriesOf(messages: Message[], conversations: Conversation[], place: Place): Entry[] {
  const entries: Entry[] = []
  let day = ''
  let session: string | undefined
  for (const message of messages) {
    const today = message.at ? dayKey(message.at, place) : day
    const newDay = today !== day
    // Of all threads of a person each message says where it is from.
    if (message.thread !== undefined) session = message.conversation
    if (session !== undefined && message.conversation !== session) {
      entries.push({
        kind: 'session',
        key: `session/${message.conversation}/${messageKey(message)}`,
        conversation: conversations.find((each) => each.conversation === message.conversation),
        at: newDay ? message.at : null,
      })
    } else if (newDay && message.at) {
      entries.push({ kind: 'day', key: `day/${today}/${messageKey(message)}`, at: message.at })
    }
    entries.push({ kind: 'message', key: messageKey(message), message })
    day = today
    session = message.conversation
  }
  return entries
}
