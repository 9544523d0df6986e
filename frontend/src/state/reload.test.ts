import { expect, test } from 'vitest'
import { reloads } from './reload'

const none = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false }

test.each([
  ['F5', {}, true],
  ['r', { ctrlKey: true }, true],
  ['R', { ctrlKey: true }, true], // Caps Lock
  ['r', { metaKey: true }, true],
  ['r', {}, false],
  ['r', { ctrlKey: true, shiftKey: true }, false],
  ['r', { ctrlKey: true, altKey: true }, false], // AltGr
  ['F5', { ctrlKey: true }, false],
  ['e', { ctrlKey: true }, false],
])('%s with %j: %s', (key, held, wanted) => {
  expect(reloads({ key, ...none, ...held })).toBe(wanted)
})
