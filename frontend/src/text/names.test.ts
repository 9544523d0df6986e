import { expect, test } from 'vitest'
import { agentName, initials, tintOf, tints } from './names'

test.each([
  ['María García', 'MG'],
  ['óscar tévez de la vega', 'ÓV'],
  ['Ñusta', 'Ñ'],
  ['  (Ana)  ', 'A'],
  ['🙌 Ana 🙌', 'A'],
  ['+54 9 11', ''],
  ['', ''],
])('%s has the initials %s', (name, want) => {
  expect(initials(name)).toBe(want)
})

test.each([
  ['ana@tienda.example', 'ana'],
  ['0d9f6c1e-8a51-4c0e-9a2e-31f0c9f2a001', null],
  ['Ana', 'Ana'],
  ['', null],
])('the agent %s is called %s', (ref, want) => {
  expect(agentName(ref)).toBe(want)
})

test('a tint is one of those there are, and always the same', () => {
  for (const person of ['', 'p_1', 'p_2', 'p_🙌']) {
    expect(tintOf(person)).toBe(tintOf(person))
    expect(tintOf(person)).toBeGreaterThanOrEqual(0)
    expect(tintOf(person)).toBeLessThan(tints)
  }
})
