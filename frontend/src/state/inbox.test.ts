import { describe, expect, test, vi } from 'vitest'
import type { Api } from '../api/api'
import { ApiError } from '../api/api'
import type { ThreadPage, ThreadRow, View } from '../api/types'
import { Inbox, ThreadList } from './inbox.svelte'

/** A server's list, newest first, read by places in the order as cursors are. */
class Server {
  rows: ThreadRow[] = []
  asked: (string | null)[] = []
  failing = false
  held: Promise<void> = Promise.resolve()

  constructor(count: number) {
    for (let i = 0; i < count; i++) this.rows.push(row(`t${i}`, 1_000_000 - i * 10))
  }

  async threads({ cursor, limit }: { view: View; cursor: string | null; limit: number }): Promise<ThreadPage> {
    this.asked.push(cursor)
    await this.held
    if (this.failing) throw new ApiError(500, 'failing', 'No')
    const sorted = [...this.rows].sort((a, b) => b.at.localeCompare(a.at))
    const from = cursor === null ? 0 : sorted.findIndex((each) => each.at < cursor)
    const threads = from < 0 ? [] : sorted.slice(from, from + limit)
    const places = threads.map((each) => ({ at: Date.parse(each.at), waiting_since: null }))
    const more = from >= 0 && from + limit < sorted.length
    return { threads, places, cursor: more ? (threads.at(-1)?.at ?? null) : null }
  }

  move(thread: string, at: number): void {
    this.rows = this.rows.map((each) => (each.thread === thread ? { ...each, at: time(at) } : each))
  }

  remove(thread: string): void {
    this.rows = this.rows.filter((each) => each.thread !== thread)
  }

  get api(): Api {
    return this as unknown as Api
  }

  /** What the list should show of as many rows as it has. */
  first(count: number): string[] {
    return [...this.rows]
      .sort((a, b) => b.at.localeCompare(a.at))
      .slice(0, count)
      .map((each) => each.thread)
  }
}

const time = (at: number) => new Date(at * 1000).toISOString()

function row(thread: string, at: number): ThreadRow {
  return { thread, at: time(at), window: { known: false, open: false, until: null }, unread: true } as ThreadRow
}

const ids = (list: ThreadList) => list.rows.map((each) => each.thread)

async function scrolled(list: ThreadList, server: Server, to: number): Promise<void> {
  while (list.rows.length < to && !list.ended) {
    const before = list.rows.length
    list.look(Math.max(0, list.rows.length - 10), list.rows.length)
    await vi.waitFor(() => expect(list.rows.length > before || list.ended).toBe(true))
  }
  await quiet(server)
}

async function quiet(server: Server): Promise<void> {
  for (let calls = -1; calls !== server.asked.length;) {
    calls = server.asked.length
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

describe('a list', () => {
  test('is read as far as it is scrolled, once each page', async () => {
    const server = new Server(120)
    const list = new ThreadList(server.api, 'inbox', '')
    list.look(0, 10)
    await quiet(server)
    expect(ids(list)).toEqual(server.first(50))
    expect(server.asked).toHaveLength(1)
    await scrolled(list, server, 120)
    expect(ids(list)).toEqual(server.first(120))
    expect(list.ended).toBe(true)
    expect(server.asked).toHaveLength(3)
  })

  test('keeps its rows and its place when rows come to the top', async () => {
    const server = new Server(200)
    const list = new ThreadList(server.api, 'inbox', '')
    await scrolled(list, server, 200)
    server.rows.push(row('new', 2_000_000))
    server.move('t160', 2_000_001)
    list.look(150, 170)
    list.touch()
    await quiet(server)
    expect(ids(list)).toEqual(server.first(201))
  })

  test('shows no row twice and loses none, whatever moves or goes', async () => {
    const server = new Server(230)
    const list = new ThreadList(server.api, 'inbox', '')
    await scrolled(list, server, 230)
    let seed = 3
    const next = (size: number) => (seed = (seed * 48271) % 2147483647) % size
    for (let round = 0; round < 40; round++) {
      const thread = `t${next(230)}`
      if (round % 3 === 0) server.remove(thread)
      else server.move(thread, 1_000_000 - next(2300) + (round % 2) * 5000)
      const top = next(200)
      list.look(top, top + 12)
      list.touch()
      await quiet(server)
    }
    for (let top = 0; top < 230; top += 10) {
      list.look(top, top + 12)
      await quiet(server)
    }
    expect(ids(list)).toEqual(server.first(230))
  })

  test('starts anew when more came to the top than it pays to catch up with', async () => {
    const server = new Server(120)
    const list = new ThreadList(server.api, 'inbox', '')
    await scrolled(list, server, 120)
    for (let i = 0; i < 1000; i++) server.rows.push(row(`n${i}`, 2_000_000 + i))
    list.look(0, 10)
    list.touch()
    await quiet(server)
    expect(ids(list)).toEqual(server.first(list.rows.length))
    expect(list.rows.length).toBeLessThan(500)
    await scrolled(list, server, 700)
    expect(ids(list)).toEqual(server.first(list.rows.length))
  })

  test('says that it failed, keeps what it has, and goes on when asked again', async () => {
    const server = new Server(40)
    const list = new ThreadList(server.api, 'inbox', '')
    server.failing = true
    list.look(0, 10)
    await quiet(server)
    expect(list.phase).toBe('failed')
    server.failing = false
    list.touch()
    await quiet(server)
    expect(ids(list)).toEqual(server.first(40))
    server.failing = true
    server.rows.push(row('new', 2_000_000))
    list.touch()
    await quiet(server)
    expect(list.phase).toBe('failed')
    expect(ids(list)).toContain('t0')
    server.failing = false
    list.look(0, 10)
    await quiet(server)
    expect(list.phase).toBe('ready')
    expect(ids(list)).toEqual(server.first(41))
  })
})

describe('the inbox', () => {
  test('shows a list that was seen before at once, while it is read again', async () => {
    const server = new Server(20)
    const inbox = new Inbox(server.api)
    inbox.show('inbox', '')
    await quiet(server)
    const { list } = inbox
    inbox.show('all', '')
    await quiet(server)
    let go = () => {}
    server.held = new Promise((resolve) => (go = resolve))
    inbox.show('inbox', '')
    expect(inbox.list).toBe(list)
    expect(inbox.list.rows).toHaveLength(20)
    go()
    await quiet(server)
  })

  test('moves the active row between its ends, from the one that is open', async () => {
    const server = new Server(3)
    const inbox = new Inbox(server.api)
    inbox.show('inbox', '')
    await quiet(server)
    expect(inbox.move(1, '')?.thread).toBe('t0')
    expect(inbox.move(-1, '')?.thread).toBe('t0')
    expect(inbox.move(1, '')?.thread).toBe('t1')
    expect(inbox.move(9, '')?.thread).toBe('t2')
    inbox.activate('')
    expect(inbox.move(1, 't1')?.thread).toBe('t2')
  })

  test('goes on from the place of a row that has left the list', async () => {
    const server = new Server(4)
    const inbox = new Inbox(server.api)
    inbox.show('inbox', '')
    await quiet(server)
    inbox.activate('t1')
    server.remove('t1')
    await inbox.touch()
    expect(inbox.row('t1')).toBeUndefined()
    expect(inbox.move(1, '')?.thread).toBe('t2')
    inbox.activate('t2')
    server.remove('t2')
    await inbox.touch()
    expect(inbox.move(-1, '')?.thread).toBe('t0')
  })

  test('paints what is known of a thread before the server says so', async () => {
    const server = new Server(3)
    const inbox = new Inbox(server.api)
    inbox.show('inbox', '')
    await quiet(server)
    inbox.patch('t1', { unread: false })
    expect(inbox.row('t1')?.unread).toBe(false)
    expect(inbox.row('t2')?.unread).toBe(true)
  })
})
