import { expect, test } from 'vitest'
import cases from '../../../internal/keys/testdata/cases.json'
import { views } from '../api/types'
import { Words } from '../words/words.svelte'
import { Bindings, type KeySettings } from './bindings.svelte'
import { groups, keysOf, nameOf, problemOf, table, viewOf, type Choices, type Problem } from './commandtable'

test.each(cases.map((each) => [each.name, each] as const))('as in Go: %s', (_, { keys, problem }) => {
  expect(problemOf(keys as Choices)).toEqual((problem as Problem | undefined) ?? null)
})

test('every command has a name in every language, and every view a command', () => {
  const names = table.map(({ id }) => new Words('en').t(nameOf(id)))
  expect(new Set(names).size).toBe(table.length)
  expect(names.filter((name) => name.includes('.'))).toEqual([])
  expect(table.map(({ id }) => viewOf(id)).filter((view) => view !== null)).toEqual(views)
  expect(table.filter(({ group }) => !groups.includes(group))).toEqual([])
})

test('a newer table takes no key from a person', () => {
  const keys = keysOf({ next: 'e' })
  expect(keys.get('next')).toEqual(['e'])
  expect(keys.get('resolve')).toEqual([])
})

function desk(kept: Partial<KeySettings> = {}, mac = false) {
  let settings: KeySettings = { keys: {}, single_keys: true, ...kept }
  const bindings = new Bindings(
    () => settings,
    () => mac,
    (changed) => (settings = { ...settings, ...changed }),
  )
  return { bindings, kept: () => settings }
}

test('keys as people read them', () => {
  const { bindings } = desk({ keys: { resolve: ['Q', 'Mod+e'], note: null } })
  expect(bindings.all('resolve')).toEqual(['⇧ Q', 'Ctrl E'])
  expect(bindings.all('down')).toEqual(['j', '↓'])
  expect(bindings.all('extend_up')).toEqual(['⇧ K', '⇧ ↑'])
  expect(bindings.hint('note')).toBe('')
  expect(bindings.hint('view_inbox')).toBe('g i')
  expect(bindings.aria('resolve')).toBe('Q Control+e')
  expect(bindings.aria('note')).toBeUndefined()
  expect(bindings.aria('view_inbox')).toBeUndefined()
  expect(desk({}, true).bindings.hint('search')).toBe('⌘ K')
  expect(desk({}, true).bindings.aria('search')).toBe('Meta+k /')
})

test('where keys by themselves are off no hint promises one', () => {
  const { bindings } = desk({ single_keys: false })
  expect(bindings.all('undo')).toEqual(['Ctrl Z'])
  expect(bindings.all('down')).toEqual(['↓'])
  expect(bindings.hint('resolve')).toBe('')
})

test('choosing keeps what differs alone, and refuses what another has', () => {
  const { bindings, kept } = desk({ keys: { note: null } })
  expect(bindings.choose('resolve', ['q'])).toBeNull()
  expect(kept().keys).toEqual({ resolve: ['q'], note: [] })
  const taken = bindings.choose('mine', ['q'])
  expect(taken).toMatchObject({ kind: 'taken', other: 'resolve' })
  expect(taken && bindings.say(taken, new Words('en').t)).toMatch('“q” is taken by “Resolve”')
  expect(kept().keys).toEqual({ resolve: ['q'], note: [] })
  expect(bindings.choose('resolve', null)).toBeNull()
  expect(kept().keys).toEqual({ note: [] })
  bindings.reset()
  expect(bindings.changed).toBe(false)
})
