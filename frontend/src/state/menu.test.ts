import { expect, test } from 'vitest'
import { step, TypeAhead } from './menu'

test.each([
  ['ArrowDown', 0, 1],
  ['ArrowDown', 2, 0],
  ['ArrowUp', 0, 2],
  ['Home', 2, 0],
  ['End', 0, 2],
  ['a', 0, null],
])('%s from %i leads to %j', (key, from, want) => {
  expect(step(key, from, 3)).toBe(want)
})

test('nothing leads anywhere among none', () => {
  expect(step('ArrowDown', 0, 0)).toBeNull()
})

test('what is typed finds the item it begins, whatever its accents, and starts anew after a pause', () => {
  const labels = ['Abierta', 'Óscar', 'Spam', 'Sofía']
  const ahead = new TypeAhead()
  expect(ahead.read('o', 0, labels, 0)).toBe(1)
  expect(ahead.read('s', 1000, labels, 1)).toBe(2)
  expect(ahead.read('o', 1200, labels, 2)).toBe(3)
  expect(ahead.read('q', 3000, labels, 3)).toBe(-1)
})

test('one letter again and again goes from one to the next', () => {
  const labels = ['Spam', 'Abierta', 'Sofía']
  const ahead = new TypeAhead()
  expect(ahead.read('s', 0, labels, 0)).toBe(2)
  expect(ahead.read('s', 100, labels, 2)).toBe(0)
})
