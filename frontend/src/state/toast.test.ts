import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Toasts } from './toast.svelte'

const toast = { tone: 'done' as const, text: () => 'Resuelta', undo: () => {} }

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

test('a toast goes after ten seconds, not before', () => {
  const toasts = new Toasts()
  toasts.show(toast)
  vi.advanceTimersByTime(9_999)
  expect(toasts.shown).toBe(toast)
  vi.advanceTimersByTime(1)
  expect(toasts.shown).toBeNull()
})

test('while it is pointed at or has the focus its time stands still; what was left goes on after both', () => {
  const toasts = new Toasts()
  toasts.show(toast)
  vi.advanceTimersByTime(6_000)
  toasts.hold('pointer')
  toasts.hold('focus')
  vi.advanceTimersByTime(60_000)
  toasts.release('pointer')
  vi.advanceTimersByTime(60_000)
  expect(toasts.shown).toBe(toast)
  toasts.release('focus')
  vi.advanceTimersByTime(3_999)
  expect(toasts.shown).toBe(toast)
  vi.advanceTimersByTime(1)
  expect(toasts.shown).toBeNull()
})

test('a newer one has its own ten seconds', () => {
  const toasts = new Toasts()
  toasts.show(toast)
  vi.advanceTimersByTime(8_000)
  toasts.show({ ...toast, text: () => 'Abierta' })
  vi.advanceTimersByTime(8_000)
  expect(toasts.shown?.text()).toBe('Abierta')
  vi.advanceTimersByTime(2_000)
  expect(toasts.shown).toBeNull()
})

test('one that comes while the pointer is there waits for it to leave', () => {
  const toasts = new Toasts()
  toasts.show(toast)
  toasts.hold('pointer')
  toasts.show({ ...toast, text: () => 'Abierta' })
  vi.advanceTimersByTime(60_000)
  expect(toasts.shown?.text()).toBe('Abierta')
  toasts.release('pointer')
  vi.advanceTimersByTime(10_000)
  expect(toasts.shown).toBeNull()
})

test('what it tells of is taken back once', () => {
  const toasts = new Toasts()
  let undone = 0
  toasts.show({ tone: 'done', text: () => 'Separada', undo: () => undone++ })
  expect(toasts.undo()).toBe(true)
  expect(toasts.shown).toBeNull()
  expect(toasts.undo()).toBe(false)
  toasts.show({ tone: 'done', text: () => 'Hecho' })
  expect(toasts.undo()).toBe(false)
  expect(toasts.shown).not.toBeNull()
  expect(undone).toBe(1)
})

test('what was done is taken back newest first, also once its toast is gone', () => {
  const toasts = new Toasts()
  const undone: string[] = []
  const act = (name: string) => toasts.show({ tone: 'done', text: () => name, undo: () => undone.push(name) })
  act('snooze')
  act('note')
  toasts.show({ tone: 'failed', text: () => 'No' })
  vi.advanceTimersByTime(60_000)
  act('status')
  vi.advanceTimersByTime(60_000)
  expect(toasts.shown).toBeNull()
  while (toasts.undo());
  expect(undone).toEqual(['status', 'note', 'snooze'])
})

test('what could not be taken back can be tried again, and stays the newest', async () => {
  const toasts = new Toasts()
  let tries = 0
  toasts.show({ tone: 'done', text: () => 'first', undo: () => (tries += 100) })
  toasts.show({ tone: 'done', text: () => 'second', undo: () => Promise.resolve(++tries > 1) })
  toasts.undo()
  await vi.advanceTimersByTimeAsync(0)
  toasts.undo()
  await vi.advanceTimersByTimeAsync(0)
  expect(tries).toBe(2)
  toasts.undo()
  expect(tries).toBe(102)
})

test('what was not done after all, and what is fleeting once its toast is gone, are not taken back', () => {
  const toasts = new Toasts()
  const lasting = { ...toast, undo: vi.fn() }
  const refused = { ...toast, undo: vi.fn() }
  const fleeting = { ...toast, undo: vi.fn(), fleeting: true as const }
  toasts.show(lasting)
  toasts.show(refused)
  toasts.retract(refused)
  expect(toasts.shown).toBeNull()
  toasts.show(fleeting)
  vi.advanceTimersByTime(10_000)
  expect(toasts.undo()).toBe(true)
  expect(toasts.undo()).toBe(false)
  expect([lasting, refused, fleeting].map(({ undo }) => undo.mock.calls.length)).toEqual([1, 0, 0])
})
