import { expect, test } from 'vitest'
import type { Press } from './keys'
import { recorded } from './recording'

function press(key: string, held: Partial<Press> & { altGraph?: boolean } = {}): Press {
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

test.each([
  [press('q'), { is: 'key', key: 'q' }],
  [press('Q', { shiftKey: true }), { is: 'key', key: 'Q' }],
  [press('ñ'), { is: 'key', key: 'ñ' }],
  [press('/', { shiftKey: true }), { is: 'key', key: '/' }],
  [press('e', { ctrlKey: true }), { is: 'key', key: 'Mod+e' }],
  [press('E', { metaKey: true }), { is: 'key', key: 'Mod+e' }],
  [press('g'), { is: 'g' }],
  [press('Escape'), { is: 'left' }],
  [press('Tab'), { is: 'passed' }],
  [press('Tab', { shiftKey: true }), { is: 'passed' }],
  [press('Shift', { shiftKey: true }), { is: 'passed' }],
  [press('Backspace'), { is: 'dropped' }],
  [press('Delete'), { is: 'dropped' }],
  [press('[', { altGraph: true }), { is: 'wrong', kind: 'alt', key: '[' }],
  [press('@', { altGraph: true, ctrlKey: true, altKey: true }), { is: 'wrong', kind: 'alt', key: '@' }],
  [press('Dead'), { is: 'wrong', kind: 'bad', key: 'Dead' }],
  [press('e', { ctrlKey: true, shiftKey: true }), { is: 'wrong', kind: 'bad', key: 'e' }],
])('%o', (pressed, want) => {
  expect(recorded(pressed, false)).toEqual(want)
})

test('after g comes the second key', () => {
  expect(recorded(press('ñ'), true)).toEqual({ is: 'key', key: 'g ñ' })
  expect(recorded(press('g'), true)).toEqual({ is: 'key', key: 'g g' })
  expect(recorded(press('Escape'), true)).toEqual({ is: 'left' })
})
