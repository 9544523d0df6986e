import { expect, test } from 'vitest'
import { ApiError, type Api, type SearchQuery } from '../api/api'
import type { Found, FoundPerson } from '../api/types'
import { found } from './search.sample'
import { newestThread, Search } from './search.svelte'

class Server {
  asked: SearchQuery[] = []
  waiting: { resolve: (value: Found) => void; reject: (err: unknown) => void }[] = []
  search = (ask: SearchQuery): Promise<Found> => {
    this.asked.push(ask)
    return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }))
  }
}

function begin(): { server: Server; search: Search; ask: (query: string, within?: string) => Promise<boolean> } {
  const server = new Server()
  const search = new Search(server as unknown as Api)
  return { server, search, ask: (query, within = '') => search.ask({ query, within, sort: 'newest' }) }
}

test('the answer to an older query never takes the place of a newer one', async () => {
  const { server, search, ask } = begin()
  const first = ask('ga')
  const second = ask('gar')
  server.waiting[1]?.resolve(found('gar', 1, []))
  expect(await second).toBe(true)
  server.waiting[0]?.resolve(found('ga', 9, [1, 2]))
  expect(await first).toBe(false)
  expect(search.found?.query).toBe('gar')
  expect(search.people).toHaveLength(1)
})

test('what was found stays until something newer is, and where that fails it is said', async () => {
  const { server, search, ask } = begin()
  const first = ask('ga')
  server.waiting[0]?.resolve(found('ga', 2, [1]))
  await first
  const second = ask('gar')
  expect(search.people).toHaveLength(2)
  server.waiting[1]?.reject(new ApiError(500, 'failing', 'No'))
  await second
  expect(search.phase).toBe('failed')
  expect(search.error?.message).toBe('No')
  expect(search.people).toHaveLength(2)
})

test.each([
  ['', {}],
  ['t_1', { thread: 't_1' }],
  ['p_1', { person: 'p_1' }],
])('within “%s” the server is asked for %j', (within, want) => {
  const { server, ask } = begin()
  void ask('pedido', within)
  expect(server.asked).toEqual([{ q: 'pedido', sort: 'newest', ...want }])
})

test('more messages come by the cursor, each once, and stay when the same is asked again', async () => {
  const { server, search, ask } = begin()
  const first = ask('pedido')
  server.waiting[0]?.resolve(found('pedido', 0, [5, 4], 'c1'))
  await first
  const more = search.next()
  void search.next()
  expect(server.asked).toHaveLength(2)
  expect(server.asked[1]).toMatchObject({ only: 'messages', cursor: 'c1' })
  server.waiting[1]?.resolve(found('pedido', 0, [4, 3], null))
  await more
  expect(search.messages.map(({ message }) => message)).toEqual(['m5', 'm4', 'm3'])
  expect(search.more).toBe(false)
  const again = search.again()
  server.waiting[2]?.resolve(found('pedido', 0, [6, 5], 'c1'))
  await again
  expect(search.messages.map(({ message }) => message)).toEqual(['m6', 'm5', 'm4', 'm3'])
  expect(search.more).toBe(false)
})

test('a page of what is no longer asked is dropped', async () => {
  const { server, search, ask } = begin()
  const first = ask('pedido')
  server.waiting[0]?.resolve(found('pedido', 0, [2, 1], 'c1'))
  await first
  const more = search.next()
  const second = ask('factura')
  server.waiting[1]?.resolve(found('pedido', 0, [0], null))
  server.waiting[2]?.resolve(found('factura', 0, [9], null))
  await Promise.all([more, second])
  expect(search.messages.map(({ message }) => message)).toEqual(['m9'])
})

test('a page that could not be read can be asked for again', async () => {
  const { server, search, ask } = begin()
  const first = ask('pedido')
  server.waiting[0]?.resolve(found('pedido', 0, [2, 1], 'c1'))
  await first
  const more = search.next()
  server.waiting[1]?.reject(new ApiError(0, 'unreachable', ''))
  await more
  expect(search.paging).toBe('failed')
  expect(search.more).toBe(true)
  void search.next()
  expect(server.asked).toHaveLength(3)
})

test('a person opens at their newest thread', () => {
  const thread = (id: string, at: string | null) =>
    ({ thread: id, last_message_at: at }) as FoundPerson['threads'][number]
  const person = (threads: FoundPerson['threads']) => ({ threads }) as FoundPerson
  expect(newestThread(person([thread('a', null), thread('b', '2026-01-02'), thread('c', '2026-01-01')]))).toBe('b')
  expect(newestThread(person([]))).toBe('')
})
