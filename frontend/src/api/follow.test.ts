import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { every, follow } from './follow'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('it is asked again and again, also after an answer that failed, and once at a time', async () => {
  const answers = [() => Promise.resolve(1), () => Promise.reject(new Error('no')), () => Promise.resolve(3)]
  let asked = 0
  const told: number[] = []
  const end = follow(
    () => (answers[asked++] ?? (() => new Promise<number>(() => undefined)))(),
    (now) => told.push(now),
  )
  expect(asked).toBe(0)
  await vi.advanceTimersByTimeAsync(10 * every)
  expect(told).toEqual([1, 3])
  expect(asked).toBe(4) // and nobody asks while that one is not answered
  end()
})

test('once it is over nothing is told, not of an answer that is under way either', async () => {
  let answer: (value: number) => void = () => undefined
  let asked = 0
  const told: number[] = []
  const end = follow(
    () => (asked++, new Promise<number>((resolve) => (answer = resolve))),
    (now) => told.push(now),
  )
  await vi.advanceTimersByTimeAsync(every)
  end()
  answer(1)
  await vi.advanceTimersByTimeAsync(10 * every)
  expect([asked, told]).toEqual([1, []])
})
