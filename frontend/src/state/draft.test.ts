import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ApiError, type Api } from '../api/api'
import { Draft } from './draft.svelte'

/** What the server has of one thread, and how it answers. */
class Server {
  kept: string[] = []
  refuse = false
  slow = 0
  saveDraft = async (_: string, text: string): Promise<void> => {
    const { refuse } = this
    if (this.slow > 0) await new Promise((resolve) => setTimeout(resolve, this.slow))
    if (refuse) throw new ApiError(507, 'disk_full', '')
    this.kept.push(text)
  }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function begin(kept: string | null = ''): { server: Server; draft: Draft } {
  const server = new Server()
  const draft = new Draft(server as unknown as Api, 't_1')
  if (kept !== null) draft.ask()(kept)
  return { server, draft }
}

test('is kept while one types, not at every letter, and whole at the end', async () => {
  const { server, draft } = begin()
  for (const end of Array.from({ length: 20 }, (_, i) => i + 1)) {
    draft.type('x'.repeat(end))
    await vi.advanceTimersByTimeAsync(50)
  }
  await vi.advanceTimersByTimeAsync(1000)
  expect(server.kept.at(-1)).toBe('x'.repeat(20))
  expect(server.kept.length).toBeGreaterThan(2)
  expect(server.kept.length).toBeLessThan(6)
  expect(draft.safe).toBe(true)
})

test('what is typed before the server was heard comes after what it had', async () => {
  const { server, draft } = begin(null)
  draft.type('nuevo')
  await vi.advanceTimersByTimeAsync(1000)
  expect(server.kept).toEqual([])
  draft.ask()('viejo')
  expect(draft.text).toBe('viejo\nnuevo')
  await vi.advanceTimersByTimeAsync(1000)
  expect(server.kept).toEqual(['viejo\nnuevo'])
})

test('an answer that is older than what was sent is not heard', async () => {
  const { server, draft } = begin('a')
  server.slow = 100
  const before = draft.ask()
  draft.type('ab')
  await vi.advanceTimersByTimeAsync(320)
  const during = draft.ask()
  await vi.advanceTimersByTimeAsync(200)
  expect(draft.safe).toBe(true)
  before('a')
  during('a')
  expect(draft.text).toBe('ab')
  draft.ask()('de otra pestaña')
  expect(draft.text).toBe('de otra pestaña')
})

test('another’s word never goes over what is not kept yet', () => {
  const { draft } = begin('a')
  draft.type('mío')
  draft.ask()('suyo')
  expect(draft.text).toBe('mío')
})

test('what could not be kept is said, and tried until it is', async () => {
  const { server, draft } = begin()
  server.refuse = true
  draft.type('hola')
  await draft.flush()
  expect(draft.failed).toBe(true)
  expect(draft.safe).toBe(false)
  server.refuse = false
  await vi.advanceTimersByTimeAsync(5000)
  expect(server.kept).toEqual(['hola'])
  expect(draft.failed).toBe(false)
})

test('is empty once it became a note, but for what was typed since', async () => {
  const { server, draft } = begin('hola')
  draft.spent('hola')
  expect(draft.text).toBe('')
  draft.type('uno')
  await draft.flush()
  draft.type('uno dos')
  draft.spent('uno')
  expect(draft.text).toBe('uno dos')
  await vi.advanceTimersByTimeAsync(1000)
  expect(server.kept).toEqual(['uno', 'uno dos'])
})
