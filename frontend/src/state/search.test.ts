import { expect, test } from 'vitest'
import { ApiError, type Api } from '../api/api'
import type { Found, FoundPerson } from '../api/types'
import { newestThread, Search } from './search.svelte'

function found(query: string, people: number, messages: number): Found {
  return {
    query,
    people: Array.from({ length: people }, (_, i) => ({ person: `p${i}` }) as FoundPerson),
    messages: Array.from({ length: messages }, (_, i) => ({ message: `m${i}` }) as Found['messages'][number]),
    coverage: { conversations: 1, complete: 1, partial: 0, as_of: null },
    took_ms: 1,
  }
}

class Server {
  waiting = new Map<string, { resolve: (value: Found) => void; reject: (err: unknown) => void }>()
  search(query: string): Promise<Found> {
    return new Promise((resolve, reject) => this.waiting.set(query, { resolve, reject }))
  }
}

function begin(): { server: Server; search: Search } {
  const server = new Server()
  return { server, search: new Search(server as unknown as Api) }
}

test('the answer to an older query never takes the place of a newer one', async () => {
  const { server, search } = begin()
  const first = search.ask('ga')
  const second = search.ask('gar')
  server.waiting.get('gar')?.resolve(found('gar', 1, 0))
  await second
  server.waiting.get('ga')?.resolve(found('ga', 9, 9))
  await first
  expect(search.found?.query).toBe('gar')
  expect(search.hits).toHaveLength(1)
})

test('what was found stays until something newer is', async () => {
  const { server, search } = begin()
  const first = search.ask('ga')
  server.waiting.get('ga')?.resolve(found('ga', 2, 1))
  await first
  const second = search.ask('gar')
  expect(search.found?.query).toBe('ga')
  server.waiting.get('gar')?.reject(new ApiError(500, 'failing', 'No'))
  await second
  expect(search.phase).toBe('failed')
  expect(search.found?.query).toBe('ga')
})

test('the arrows go around people and then messages', async () => {
  const { server, search } = begin()
  const asked = search.ask('a')
  server.waiting.get('a')?.resolve(found('a', 1, 1))
  await asked
  expect(search.hits.map((hit) => hit.kind)).toEqual(['person', 'message'])
  search.move(1)
  expect(search.active).toBe(1)
  search.move(1)
  expect(search.active).toBe(0)
  search.move(-1)
  expect(search.active).toBe(1)
})

test('an empty query asks nothing and forgets what was found', async () => {
  const { server, search } = begin()
  await search.ask('  ')
  search.move(1)
  expect(server.waiting.size).toBe(0)
  expect(search.found).toBeNull()
  expect(search.active).toBe(0)
})

test('a person opens at their newest thread', () => {
  const thread = (id: string, at: string | null) =>
    ({ thread: id, last_message_at: at }) as FoundPerson['threads'][number]
  const person = (threads: FoundPerson['threads']) => ({ threads }) as FoundPerson
  expect(newestThread(person([thread('a', null), thread('b', '2026-01-02'), thread('c', '2026-01-01')]))).toBe('b')
  expect(newestThread(person([]))).toBe('')
})
