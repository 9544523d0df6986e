import { beforeEach, expect, test } from 'vitest'
import { Bindings, type KeySettings } from './bindings.svelte'

let kept: KeySettings
let keys: Bindings

beforeEach(() => {
  kept = { keys: {}, single_keys: true }
  keys = new Bindings(
    () => kept,
    () => false,
    (chosen) => (kept = { ...kept, ...chosen }),
  )
})

test('a key that is taken is refused with who has it, and can be taken from there', () => {
  expect(keys.choose('resolve', ['n'])).toMatchObject({ kind: 'taken', key: 'n', other: 'note' })
  expect(kept.keys).toEqual({})
  const before = keys.take('resolve', ['n'], 'note')
  expect(kept.keys).toEqual({ resolve: ['n'], note: [] })
  expect(before).toEqual({})
  if (before) keys.restore(before)
  expect(kept.keys).toEqual({})
})

test('whom a key is taken from keeps its others', () => {
  keys.take('resolve', ['e', 'z'], 'undo')
  expect(kept.keys).toEqual({ resolve: ['e', 'z'], undo: ['Mod+z'] })
})

test('what cannot be is not taken either', () => {
  expect(keys.take('resolve', ['n', 'z'], 'note')).toBeNull()
  expect(kept.keys).toEqual({})
})

test('a button says its key, the one that is chosen now, and none where there is none', () => {
  expect(keys.title('Snooze', 'snooze')).toBe('Snooze (s)')
  keys.choose('snooze', ['Mod+e'])
  expect(keys.title('Snooze', 'snooze')).toBe('Snooze (Ctrl E)')
  keys.choose('snooze', [])
  expect(keys.title('Snooze', 'snooze')).toBe('Snooze')
})
