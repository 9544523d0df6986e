import type { Conversation, Message } from '../api/types'
import { dayKey, type Place } from '../text/times'
import { messageKey } from './thread.svelte'

/** A line of the thread as it is drawn: a message, or what stands between messages. */
export type Entry =
  | { kind: 'incomplete'; key: 'incomplete' }
  | { kind: 'day'; key: string; at: string }
  | { kind: 'session'; key: string; conversation: Conversation | undefined; at: string | null }
  | { kind: 'message'; key: string; message: Message }

/** What stands before the first message of a history that is known to lack something. */
export const incomplete: Entry = { kind: 'incomplete', key: 'incomplete' }

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
