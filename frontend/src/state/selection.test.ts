import { expect, test } from 'vitest'
import { Selection } from './selection.svelte'

const order = ['a', 'b', 'c', 'd', 'e', 'f']
const chosen = (selection: Selection) => order.filter((each) => selection.has(each)).join('')

test('one by one, on and off', () => {
  const selection = new Selection()
  selection.toggle('b')
  selection.toggle('d')
  selection.toggle('b')
  expect(chosen(selection)).toBe('d')
})

test('a range goes from the anchor, both ways, and shrinks as it grew', () => {
  const selection = new Selection()
  selection.toggle('c')
  selection.range(order, 'e', '')
  expect(chosen(selection)).toBe('cde')
  selection.range(order, 'd', '')
  expect(chosen(selection)).toBe('cd')
  selection.range(order, 'a', '')
  expect(chosen(selection)).toBe('abc')
})

test('a range leaves what was chosen one by one before', () => {
  const selection = new Selection()
  selection.toggle('a')
  selection.toggle('d')
  selection.range(order, 'f', '')
  selection.range(order, 'e', '')
  expect(chosen(selection)).toBe('ade')
})

test('without an anchor it begins where one stands; with one that left the list too', () => {
  const selection = new Selection()
  selection.range(order, 'd', 'b')
  expect(chosen(selection)).toBe('bcd')
  selection.toggle('f')
  selection.range(['a', 'b', 'c'], 'c', 'a')
  expect(chosen(selection)).toBe('abcdf')
})

test('all, none, and a row that is not there', () => {
  const selection = new Selection()
  selection.all(order)
  expect(selection.size).toBe(6)
  selection.clear()
  expect(selection.size).toBe(0)
  selection.range(order, 'z', 'a')
  expect(selection.size).toBe(0)
})
