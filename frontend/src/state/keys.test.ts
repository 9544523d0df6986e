import { describe, expect, test } from 'vitest'
import { keysOf, table, type Choices, type Command } from './commandtable'
import { Keys, type Focus, type Press } from './keys'

const free: Focus = { typing: false, list: true, over: false }
const typing: Focus = { typing: true, list: false, over: false }
const elsewhere: Focus = { typing: false, list: false, over: false }
const over: Focus = { typing: false, list: false, over: true }

type Held = Partial<Press> & { altGraph?: boolean }

function press(key: string, held: Held = {}): Press {
  const { altGraph = false, ...rest } = held
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

const reader = (choices: Choices = {}, singles = true) => new Keys(() => ({ keys: keysOf(choices), singles }))
const read = (key: string, held: Held = {}, focus = free): Command | null => reader().read(press(key, held), focus)

/** The press that a key of the table is. */
function pressOf(key: string): Press {
  if (key.startsWith('Mod+')) return press(key.slice(4), { ctrlKey: true })
  if (key.startsWith('Shift+')) return press(key.slice(6), { shiftKey: true })
  return press(key, { shiftKey: /^[A-Z?/]$/.test(key) })
}

describe('every key of the table', () => {
  const all = table.flatMap(({ id, keys, fixed = [] }) =>
    [...keys, ...fixed].map((key): [string, Command] => [key, id]),
  )
  const singles = all.filter(([key]) => [...key].length === 1)

  test.each(all)('%s asks for %s', (key, want) => {
    const keys = reader()
    if (key.startsWith('g ')) expect(keys.read(press('g'), free)).toBeNull()
    expect(keys.read(pressOf(key.replace(/^g /, '')), free)).toBe(want)
  })

  test.each(singles)('%s types while typing, and is left alone over a dialog', (key) => {
    expect(reader().read(pressOf(key), typing)).toBeNull()
    expect(reader().read(pressOf(key), over)).toBeNull()
  })

  test.each(singles)('%s does nothing with AltGr, Alt, or while composing', (key) => {
    for (const held of [{ altKey: true }, { isComposing: true }]) {
      expect(reader().read({ ...pressOf(key), ...held }, free)).toBeNull()
    }
    expect(read(key, { altGraph: true })).toBeNull()
    // As Windows tells of AltGr.
    expect(read(key, { altGraph: true, ctrlKey: true, altKey: true })).toBeNull()
  })

  test.each(singles)('%s does nothing where keys by themselves are off', (key) => {
    expect(reader({}, false).read(pressOf(key), free)).toBeNull()
  })
})

test.each(['q', 'ñ', '@', 'Dead', 'Process', 'constructor', 'Tab', 'F5', ' '])('%s asks for nothing', (key) => {
  expect(read(key)).toBeNull()
})

test('with Ctrl or Cmd a letter is not itself', () => {
  for (const key of ['j', 'e', 'm', 'x', '/']) {
    expect(read(key, { ctrlKey: true })).toBeNull()
    expect(read(key, { metaKey: true })).toBeNull()
  }
})

test('what is typed counts, and not where the key is', () => {
  expect(read('/', { shiftKey: true })).toBe('search') // Shift 7
  expect(read('?', { shiftKey: true })).toBe('help')
  expect(read('J', { shiftKey: true })).toBe('extend_down')
})

test('Caps Lock is no Shift', () => {
  expect(read('J')).toBe('down')
  expect(read('j', { shiftKey: true })).toBe('extend_down')
})

test('Escape goes back while typing too, but a dialog closes itself', () => {
  expect(read('Escape', {}, typing)).toBe('back')
  expect(read('Escape', {}, over)).toBeNull()
  expect(reader({}, false).read(press('Escape'), free)).toBe('back')
})

test.each(['ArrowDown', 'ArrowUp', 'Enter'])('%s is left to what has the focus', (key) => {
  expect(read(key, {}, elsewhere)).toBeNull()
  expect(read(key, { shiftKey: true }, elsewhere)).toBeNull()
})

test('Ctrl or Cmd K searches, while typing and over a dialog too', () => {
  expect(read('k', { ctrlKey: true }, typing)).toBe('search')
  expect(read('K', { metaKey: true }, over)).toBe('search')
  expect(read('k', { ctrlKey: true, shiftKey: true })).toBeNull()
})

test('what one types in keeps its own Ctrl Z and Ctrl A; Ctrl A is the list’s', () => {
  for (const key of ['z', 'a']) expect(read(key, { ctrlKey: true }, typing)).toBeNull()
  expect(read('a', { ctrlKey: true }, elsewhere)).toBeNull()
  expect(read('z', { ctrlKey: true }, elsewhere)).toBe('undo')
})

describe('g and then a letter', () => {
  const after = (second: string, ms: number, focus = free) => {
    const keys = reader()
    expect(keys.read(press('g'), free)).toBeNull()
    return keys.read(press(second, { timeStamp: ms }), focus)
  }

  test('is forgotten after a while, by another key, and while typing', () => {
    expect(after('i', 1000)).toBe('view_inbox')
    expect(after('i', 5000)).toBeNull()
    expect(after('i', 500, typing)).toBeNull()
    expect(after('j', 500)).toBe('down')
  })
})

describe('keys that a person chose', () => {
  const keys = reader({ resolve: 'ñ', note: null, reopen: ['Q', 'Mod+e'], mine: 'g ñ' })

  test('do what they were chosen for, and the old ones nothing', () => {
    expect(keys.read(press('ñ'), free)).toBe('resolve')
    expect(keys.read(press('Q', { shiftKey: true }), free)).toBe('reopen')
    expect(keys.read(press('e', { metaKey: true }), free)).toBe('reopen')
    for (const old of ['e', 'n', 'o', 'q', 'm']) expect(keys.read(press(old), free)).toBeNull()
    keys.read(press('g'), free)
    expect(keys.read(press('ñ'), free)).toBe('mine')
  })

  test('type while typing', () => {
    expect(keys.read(press('ñ'), typing)).toBeNull()
    expect(keys.read(press('e', { ctrlKey: true }), typing)).toBeNull()
  })

  test('keep working with Ctrl where keys by themselves are off', () => {
    const off = reader({ reopen: ['Q', 'Mod+e'] }, false)
    expect(off.read(press('e', { ctrlKey: true }), free)).toBe('reopen')
    expect(off.read(press('g'), free)).toBeNull()
    expect(off.read(press('i'), free)).toBeNull()
    expect(off.read(press('ArrowDown'), free)).toBe('down')
  })
})
