import { expect, test } from 'vitest'
import { ApiError, type Api, type PageSpot } from '../api/api'
import type { Message, MessagePage, ThreadDetail, ThreadRow, UnreadFrom } from '../api/types'
import type { Spot } from './spot'
import { Thread } from './thread.svelte'

function message(n: number, status = 'sent'): Message {
  return {
    message: `m${n}`,
    conversation: 'c',
    direction: 'out',
    kind: 'text',
    kind_word: '',
    text: `${n}`,
    status,
    reason: '',
    at: null,
  }
}

/** A server with threads of numbered messages; each answer waits for its turn. */
class Server {
  messagesOf: Record<string, Message[]> = {}
  held: Record<string, Promise<void>> = {}
  asked: string[] = []
  failing = false
  unread: Record<string, UnreadFrom | null> = {}

  async thread(id: string): Promise<ThreadDetail> {
    const threads = [{ thread: id }, { thread: `other of ${id}` }]
    const person = { person: `p_${id}`, threads } as ThreadDetail['person']
    return { thread: { thread: id, person: person.person } as ThreadRow, conversations: [], person }
  }

  /** A person's messages are those of a thread of that name. */
  personMessages(person: string, place: PageSpot, signal: AbortSignal): Promise<MessagePage> {
    return this.messages(person, place, signal)
  }

  async messages(
    id: string,
    { before, after, around: named, at, zone, limit }: PageSpot,
    signal: AbortSignal,
  ): Promise<MessagePage> {
    this.asked.push(`${id} ${before ?? after ?? named ?? ''}${[at, zone].filter(Boolean).join(' ')}`)
    await this.held[id]
    if (signal.aborted) throw new DOMException('', 'AbortError')
    if (this.failing) throw new ApiError(500, 'failing', 'No')
    const all = this.messagesOf[id] ?? []
    let start = Math.max(0, all.length - limit)
    let end = all.length
    if (before) [start, end] = [Math.max(0, Number(before) - limit), Number(before)]
    if (after) [start, end] = [Number(after), Math.min(all.length, Number(after) + limit)]
    // Message n is of day n of the month.
    const unread = this.unread[id] ?? null
    const around = at === 'unread' ? unread?.message : named
    const day = at !== undefined && at !== 'unread'
    const place = day ? Number(at.slice(-2)) : all.findIndex((each) => each.message === around)
    if (around && place < 0) throw new ApiError(404, 'not_found', 'No')
    if (around || day) {
      start = Math.max(0, place - 2)
      end = Math.min(all.length, start + limit)
    }
    return {
      found: around || day ? place - start : null,
      messages: all.slice(start, end),
      before: start > 0 ? `${start}` : null,
      after: end < all.length ? `${end}` : null,
      unread,
    }
  }
}

function office(counts: Record<string, number>): { server: Server; thread: Thread } {
  const server = new Server()
  for (const [id, count] of Object.entries(counts)) {
    server.messagesOf[id] = Array.from({ length: count }, (_, n) => message(n))
  }
  return { server, thread: new Thread(server as unknown as Api) }
}

const end: Spot = { message: '', day: '' }
const at = (message: string): Spot => ({ message, day: '' })
const settled = () => new Promise((resolve) => setTimeout(resolve, 5))
const numbers = (thread: Thread) => thread.messages.map((each) => Number(each.text))
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

test('opens at the end and goes back page by page', async () => {
  const { thread } = office({ a: 150 })
  thread.open('a', end, null)
  await settled()
  expect(numbers(thread)).toEqual(range(90, 150))
  await thread.older()
  expect(thread.prepended).toBe(true)
  await thread.older()
  expect(numbers(thread)).toEqual(range(0, 150))
  expect(thread.before).toBeNull()
})

test('opens around a message and goes on to both sides', async () => {
  const { thread } = office({ a: 200 })
  thread.open('a', at('m100'), null)
  await settled()
  expect(numbers(thread)).toEqual(range(98, 158))
  await thread.newer()
  expect(numbers(thread)).toEqual(range(98, 200))
  expect(thread.after).toBeNull()
  await thread.older()
  expect(numbers(thread)).toEqual(range(38, 200))
})

test('opens at a day of the account, and says where it came to', async () => {
  const { server } = office({ a: 200 })
  const thread = new Thread(server as unknown as Api, undefined, (account) => `zone of ${account}`)
  thread.open('a', { message: '', day: '2026-04-13' }, { thread: 'a', account: 'ventas' } as ThreadRow)
  await settled()
  expect(server.asked).toEqual(['a 2026-04-13 zone of ventas'])
  expect(thread.landed?.message).toBe('m13')
})

test('from one place of a thread to another what is there stays until the other is; to a message that is here nothing is read', async () => {
  const { server, thread } = office({ a: 200 })
  thread.open('a', end, null)
  await settled()
  const { page } = thread
  let go = () => {}
  server.held['a'] = new Promise((resolve) => (go = resolve))
  expect(thread.open('a', at('m50'), null)).toBe(true)
  await thread.touch(null) // what comes new does not take the place of what was asked for
  expect(numbers(thread)).toEqual(range(140, 200))
  expect(thread.page).toBe(page)
  go()
  await settled()
  expect(numbers(thread)).toEqual(range(48, 108))
  expect(thread.landed?.message).toBe('m50')
  expect(thread.page).toBe(page + 1)
  expect(thread.open('a', at('m60'), null)).toBe(false)
  expect(thread.landed?.message).toBe('m60')
  expect(thread.page).toBe(page + 1)
  expect(thread.open('a', end, null)).toBe(true)
  await settled()
  expect(numbers(thread)).toEqual(range(140, 200))
  expect(thread.standing).toBe('')
  expect(server.asked).toEqual(['a unread', 'a m50', 'a unread'])
})

test('a message that is not here is said, and the end is a step away', async () => {
  const { thread } = office({ a: 5 })
  thread.open('a', end, null)
  await settled()
  thread.open('a', at('m9'), null)
  await settled()
  expect(thread.phase).toBe('failed')
  expect(numbers(thread)).toEqual([])
  thread.open('a', end, null)
  await settled()
  expect(numbers(thread)).toEqual(range(0, 5))
})

test('what comes new while one stands at a message goes on from what is there', async () => {
  const { server, thread } = office({ a: 70 })
  thread.open('a', at('m20'), null)
  await settled()
  server.messagesOf['a']?.push(message(70))
  await thread.touch(null)
  expect(numbers(thread)).toEqual(range(11, 71))
  expect(server.asked).toEqual(['a m20', 'a '])
})

test('what comes new is laid over what was scrolled to, with what changed in it', async () => {
  const { server, thread } = office({ a: 150 })
  thread.open('a', end, null)
  await settled()
  await thread.older()
  server.messagesOf['a']?.splice(149, 1, message(149, 'read'))
  server.messagesOf['a']?.push(message(150))
  await thread.touch(['b'])
  expect(numbers(thread)).toEqual(range(30, 150))
  await thread.touch(['a'])
  expect(numbers(thread)).toEqual(range(30, 151))
  expect(thread.messages.at(-2)?.status).toBe('read')
  expect(thread.prepended).toBe(false)
})

test('when more came than a page holds, the newest page stands alone', async () => {
  const { server, thread } = office({ a: 10 })
  thread.open('a', end, null)
  await settled()
  server.messagesOf['a']?.push(...range(10, 200).map((n) => message(n)))
  await thread.touch(null)
  expect(numbers(thread)).toEqual(range(140, 200))
  expect(thread.before).toBe('140')
})

test('a stale answer never paints', async () => {
  const { server, thread } = office({ slow: 5, quick: 3 })
  let go = () => {}
  server.held['slow'] = new Promise((resolve) => (go = resolve))
  thread.open('slow', end, null)
  thread.open('quick', end, null)
  await settled()
  expect(numbers(thread)).toEqual(range(0, 3))
  go()
  await settled()
  expect(thread.id).toBe('quick')
  expect(numbers(thread)).toEqual(range(0, 3))
  expect(thread.phase).toBe('ready')
})

test('a thread that was open is shown at once when it is opened again', async () => {
  const { server, thread } = office({ a: 5, b: 3 })
  thread.open('a', end, null)
  await settled()
  thread.open('b', end, null)
  await settled()
  let go = () => {}
  server.held['a'] = new Promise((resolve) => (go = resolve))
  thread.open('a', end, { thread: 'a', unread: false } as ThreadRow)
  expect(numbers(thread)).toEqual(range(0, 5))
  expect(thread.phase).toBe('ready')
  expect(thread.detail?.person.person).toBe('p_a')
  go()
  await settled()
})

test('a failure is said, and the messages that are there stay', async () => {
  const { server, thread } = office({ a: 5 })
  server.failing = true
  thread.open('a', end, null)
  await settled()
  expect(thread.phase).toBe('failed')
  server.failing = false
  thread.retry()
  await settled()
  expect(numbers(thread)).toEqual(range(0, 5))
  server.failing = true
  await thread.touch(null)
  expect(numbers(thread)).toEqual(range(0, 5))
})

test('turned to the whole person it reads the messages of all their threads, page by page, and back', async () => {
  const { server, thread } = office({ a: 3, p_a: 100 })
  thread.open('a', end, null, true)
  await settled()
  expect(numbers(thread)).toEqual(range(40, 100))
  await thread.older()
  expect(numbers(thread)).toEqual(range(0, 100))
  const { row } = thread
  expect(thread.open('a', end, null, false)).toBe(true)
  expect(thread.row).toEqual(row)
  await settled()
  expect(numbers(thread)).toEqual(range(0, 3))
  expect(thread.open('a', end, null, false)).toBe(false)
  expect(server.asked).toEqual(['p_a ', 'p_a 40', 'a unread'])
})

test('a change of another thread of theirs is read only while all are shown', async () => {
  const { server, thread } = office({ a: 3, p_a: 10 })
  thread.open('a', end, null)
  await settled()
  await thread.touch(['other of a'])
  expect(server.asked).toEqual(['a unread'])
  thread.open('a', end, null, true)
  await settled()
  server.messagesOf['p_a']?.push(message(10))
  await thread.touch(['other of a'])
  expect(numbers(thread)).toEqual(range(0, 11))
})

test('tells whose thread is open, once that is known', async () => {
  const { server } = office({ a: 3 })
  const told: string[] = []
  const thread = new Thread(server as unknown as Api, (person) => told.push(person))
  thread.open('a', end, null)
  await settled()
  thread.open('', end, null)
  expect(told).toEqual(['', 'p_a', ''])
})

const unreadFrom = (message: string): UnreadFrom => ({ since: null, account: 'ventas', conversation: 'c', message })

test('opens at the first unread message, and says where that was until it is opened again', async () => {
  const { server } = office({ a: 200, b: 3 })
  const shown: string[] = []
  const thread = new Thread(server as unknown as Api, undefined, undefined, () => shown.push(thread.id))
  server.unread['a'] = unreadFrom('m40')
  thread.open('a', end, null)
  expect(shown).toEqual([])
  await settled()
  expect(shown).toEqual(['a']) // only now anybody has seen it
  expect(thread.landed?.message).toBe('m40')
  expect(numbers(thread)).toEqual(range(38, 98))
  server.unread['a'] = null // it was marked read
  await thread.newer()
  await thread.touch(null)
  expect(thread.unread?.message).toBe('m40')
  thread.open('a', at('m150'), null)
  await settled()
  expect(thread.unread?.message).toBe('m40')
  thread.open('b', end, null)
  await settled()
  expect(thread.unread).toBeNull()
  thread.open('a', end, { thread: 'a', unread: false } as ThreadRow)
  await settled()
  expect(thread.unread).toBeNull()
  expect(numbers(thread)).toEqual(range(140, 200))
})

test('the end is one step away, however much is between, and who comes there has seen it', async () => {
  const { server } = office({ a: 500 })
  let shown = 0
  const thread = new Thread(server as unknown as Api, undefined, undefined, () => shown++)
  server.unread['a'] = unreadFrom('m40')
  thread.open('a', end, null)
  await settled()
  const { page } = thread
  await thread.toEnd()
  expect(numbers(thread)).toEqual(range(440, 500))
  expect([thread.page, thread.standing, shown]).toEqual([page + 1, '', 2])
  await thread.toEnd() // there already
  expect([thread.page, shown]).toEqual([page + 1, 2])
  thread.open('a', at('m400'), null)
  await settled()
  expect(shown).toBe(3)
  await thread.toEnd()
  expect(thread.landed).toBeUndefined()
  thread.restand()
  await settled()
  expect(thread.landed?.message).toBe('m400')
  expect(shown).toBe(5)
  await thread.newer()
  expect(thread.after).toBeNull()
  expect(shown).toBe(6)
})

test('what was kept of a thread is not shown in place of what nobody has read', async () => {
  const { server, thread } = office({ a: 100, b: 3 })
  thread.open('a', end, null)
  await settled()
  thread.open('b', end, null)
  await settled()
  server.unread['a'] = unreadFrom('m20')
  thread.open('a', end, { thread: 'a', unread: true } as ThreadRow)
  expect(numbers(thread)).toEqual([])
  await settled()
  expect(thread.landed?.message).toBe('m20')
})

test('what comes while one looks is not unread; while nobody looks it is', async () => {
  const { server, thread } = office({ a: 5 })
  thread.open('a', end, null)
  await settled()
  server.messagesOf['a']?.push(message(5))
  server.unread['a'] = unreadFrom('m5')
  await thread.touch(null)
  expect(thread.unread).toBeNull()
  await thread.touch(null, false)
  expect(thread.unread?.message).toBe('m5')
  expect(numbers(thread)).toEqual(range(0, 6))
})
