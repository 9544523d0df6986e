import { describe, expect, test } from 'vitest'
import { Keys, type Command, type Press } from './keys'

const free = { typing: false, list: true }
const typing = { typing: true, list: false }
const elsewhere = { typing: false, list: false }

function press(key: string, with_: Partial<Press> & { altGraph?: boolean } = {}): Press {
  const { altGraph = false, ...rest } = with_
  return {
    key,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    shiftKey: false,
    isComposing: false,
    timeStamp: 0,
    getModifierState: (name) => name === 'AltGraph' && altGraph,
    ...rest,
  }
}

const read = (key: string, with_: Partial<Press> & { altGraph?: boolean } = {}, focus = free): Command | null =>
  new Keys().read(press(key, with_), focus)

describe('a key by itself', () => {
  test.each([
    ['j', 'down'],
    ['k', 'up'],
    ['/', 'search'],
    ['?', 'help'],
    ['[', 'previous'],
    [']', 'next'],
    ['Escape', 'back'],
    ['e', 'resolve'],
    ['o', 'reopen'],
    ['a', 'assign'],
    ['m', 'mine'],
    ['u', 'unassign'],
    ['s', 'snooze'],
    ['x', 'select'],
    ['n', 'note'],
    ['z', 'undo'],
    ['ArrowDown', 'down'],
    ['ArrowUp', 'up'],
    ['Enter', 'open'],
  ])('%s asks for %s', (key, want) => {
    expect(read(key)).toEqual({ do: want })
  })

  test.each(['q', 'ñ', '@', 'Dead', 'constructor', 'Tab'])('%s asks for nothing', (key) => {
    expect(read(key)).toBeNull()
  })

  test.each(['j', 'k', '/', '?', '[', ']', 'g', 'e', 'o', 'a', 'm', 'u', 's', 'x', 'z', 'ArrowDown', 'Enter'])(
    '%s types while typing',
    (key) => {
      expect(read(key, {}, typing)).toBeNull()
    },
  )

  test.each(['j', '/', '[', '?', 'Escape', 'e', 'o', 'm', 'u', 'x'])(
    '%s does nothing with AltGr, Ctrl, Alt, Meta, or while composing',
    (key) => {
      expect(read(key, { altGraph: true })).toBeNull()
      expect(read(key, { ctrlKey: true })).toBeNull()
      expect(read(key, { altKey: true })).toBeNull()
      expect(read(key, { metaKey: true })).toBeNull()
      expect(read(key, { isComposing: true })).toBeNull()
    },
  )

  test('Escape goes back while typing too', () => {
    expect(read('Escape', {}, typing)).toEqual({ do: 'back' })
  })

  test.each(['ArrowDown', 'ArrowUp', 'Enter'])('%s is left to what has the focus', (key) => {
    expect(read(key, {}, elsewhere)).toBeNull()
  })
})

test('Ctrl or Cmd K searches, while typing too, and not with AltGr', () => {
  expect(read('k', { ctrlKey: true }, typing)).toEqual({ do: 'search' })
  expect(read('K', { metaKey: true })).toEqual({ do: 'search' })
  expect(read('k', { ctrlKey: true, altKey: true })).toBeNull()
  expect(read('k', { ctrlKey: true, altGraph: true })).toBeNull()
})

test('Ctrl or Cmd Z takes back and A takes all, but what one types in keeps its own', () => {
  expect(read('z', { ctrlKey: true })).toEqual({ do: 'undo' })
  expect(read('Z', { metaKey: true })).toEqual({ do: 'undo' })
  expect(read('a', { ctrlKey: true })).toEqual({ do: 'all' })
  for (const key of ['z', 'a']) {
    expect(read(key, { ctrlKey: true }, typing)).toBeNull()
    expect(read(key, { ctrlKey: true, shiftKey: true })).toBeNull()
    expect(read(key, { ctrlKey: true, altKey: true })).toBeNull()
    expect(read(key, { ctrlKey: true, altGraph: true })).toBeNull()
  }
  expect(read('a', { ctrlKey: true }, elsewhere)).toBeNull()
})

test('Shift and the arrows choose a range, in the list alone', () => {
  expect(read('ArrowDown', { shiftKey: true })).toEqual({ do: 'extend_down' })
  expect(read('ArrowUp', { shiftKey: true })).toEqual({ do: 'extend_up' })
  expect(read('ArrowDown', { shiftKey: true }, elsewhere)).toBeNull()
})

describe('g and then a letter', () => {
  const after = (second: string, ms: number, focus = free) => {
    const keys = new Keys()
    expect(keys.read(press('g'), free)).toBeNull()
    return keys.read(press(second, { timeStamp: ms }), focus)
  }

  test('goes to a view', () => {
    expect(after('i', 500)).toEqual({ do: 'view', view: 'inbox' })
    expect(after('u', 500)).toEqual({ do: 'view', view: 'unassigned' })
    expect(after('a', 500)).toEqual({ do: 'view', view: 'all' })
    expect(after('t', 500)).toEqual({ do: 'tray' })
  })

  test('is forgotten after a while, by another key, and while typing', () => {
    expect(after('i', 5000)).toBeNull()
    expect(after('i', 500, typing)).toBeNull()
    expect(after('j', 500)).toEqual({ do: 'down' })
  })
})
