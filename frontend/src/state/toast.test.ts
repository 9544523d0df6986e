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
