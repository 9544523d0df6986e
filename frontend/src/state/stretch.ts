import type { Message, MessagePage } from '../api/types'

/** Messages that stand together, with the cursors of what is before and after them. */
export interface Stretch {
  messages: Message[]
  before: string | null
  after: string | null
}

export const nothing: Stretch = { messages: [], before: null, after: null }

/** A message's key on the screen: its id is its conversation's alone, and that its account's. */
export function messageKey({ account, conversation, message }: Message): string {
  return account === undefined ? `${conversation}/${message}` : `${account}/${conversation}/${message}`
}

/** The newest page laid over what is there; alone, where the two do not meet. */
export function joined(there: Pick<Stretch, 'messages' | 'before'>, page: MessagePage): Stretch {
  const first = page.messages[0]
  const at = first ? there.messages.findIndex((message) => messageKey(message) === messageKey(first)) : -1
  if (at < 0) return page
  return {
    messages: unique([...there.messages.slice(0, at), ...page.messages]),
    before: there.before,
    after: page.after,
  }
}

/** What is there with the page next to it, before (`older`) or after. */
export function grown({ messages, before, after }: Stretch, page: MessagePage, older: boolean): Stretch {
  return older
    ? { messages: unique([...page.messages, ...messages]), before: page.before, after }
    : { messages: unique([...messages, ...page.messages]), before, after: page.after }
}

/** Each message once. */
export function unique(messages: Message[]): Message[] {
  const known = new Set<string>()
  return messages.filter((message) => !known.has(messageKey(message)) && known.add(messageKey(message)))
}
