import type { Api, PageSpot } from '../api/api'
import type { MessagePage, ThreadRow } from '../api/types'

const pageSize = 60

/** Where a thread is opened: at a message, or at a day (`2026-04-13`); with neither at its first unread message, or at its end. */
export interface Spot {
  message: string
  day: string
}

export const theEnd: Spot = { message: '', day: '' }

/** Whose messages are read: a thread's, or all of its person's. */
export interface Whose {
  id: string
  row: ThreadRow | null
  together: boolean
}

/** Which page one stands on there. */
export function placeOf({ message, day }: Spot, together: boolean): Partial<PageSpot> {
  if (message) return { around: message }
  if (day) return { at: day }
  return together ? {} : { at: 'unread' }
}

/** Reads a page; where whose thread it is must be known, that is asked first. `zoneOf` is the zone that an account's days are of. */
export async function readPage(
  api: Api,
  { id, row, together }: Whose,
  place: Partial<PageSpot>,
  zoneOf: (account: string) => string,
  signal: AbortSignal,
): Promise<MessagePage> {
  const asked: PageSpot = { ...place, limit: pageSize }
  const ofDay = asked.at !== undefined && asked.at !== 'unread'
  if (!together && !ofDay) return api.messages(id, asked, signal)
  const { account, person } = row ?? (await api.thread(id, signal)).thread
  if (ofDay) asked.zone = zoneOf(account)
  return together ? api.personMessages(person, asked, signal) : api.messages(id, asked, signal)
}

/** So many messages are kept of a thread that is left. */
export const keptMessages = pageSize * 2
