import { afterEach, expect, test, vi } from 'vitest'
import { Api, type ListQuery } from './api'

const list: ListQuery = { view: 'inbox', account: '', q: '', sort: '', cursor: null, limit: 50 }
const asked: string[] = []

function answering(status = 200) {
  asked.length = 0
  vi.stubGlobal('fetch', (path: string) => {
    asked.push(path)
    return Promise.resolve(new Response(JSON.stringify({ path, nth: asked.length }), { status }))
  })
}

afterEach(() => vi.unstubAllGlobals())

test('what was foreseen is asked for once, and the next time anew', async () => {
  answering()
  const api = new Api()
  api.foresee(list)
  expect(asked).toEqual(['/api/state', '/api/threads?view=inbox&limit=50'])
  expect(await api.threads({ ...list })).toMatchObject({ nth: 2 })
  expect(await api.state()).toMatchObject({ nth: 1 })
  expect(asked).toHaveLength(2)
  expect(await api.threads(list)).toMatchObject({ nth: 3 })
})

test('another list is asked for by itself', async () => {
  answering()
  const api = new Api()
  api.foresee(list)
  expect(await api.threads({ ...list, view: 'all' })).toMatchObject({ path: '/api/threads?view=all&limit=50' })
})

test('a foreseen answer without a session locks the page, as any does', async () => {
  answering(401)
  const api = new Api()
  api.onlocked = vi.fn()
  api.foresee(list)
  await expect(api.state()).rejects.toMatchObject({ status: 401 })
  expect(api.onlocked).toHaveBeenCalledOnce()
})

test('who no longer wants it is not given a foreseen answer', async () => {
  answering()
  const api = new Api()
  api.foresee(list)
  const over = new AbortController()
  const answer = api.threads(list, over.signal)
  over.abort()
  await expect(answer).rejects.toMatchObject({ name: 'AbortError' })
})

test('a server that is away is said to whoever asks', async () => {
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('no connection')))
  const api = new Api()
  api.foresee(list)
  await expect(api.state()).rejects.toMatchObject({ code: 'unreachable' })
})
