import { expect, test } from 'vitest'
import { Latest } from './latest'

test('only the newest turn may paint, and the one before is aborted', () => {
  const turns = new Latest()
  const first = turns.begin()
  expect(first.fresh()).toBe(true)
  const second = turns.begin()
  expect(first.fresh()).toBe(false)
  expect(first.signal.aborted).toBe(true)
  expect(second.fresh()).toBe(true)
  turns.cancel()
  expect(second.fresh()).toBe(false)
})
