import { expect, test } from 'vitest'
import { apart } from './direction'

test.each([
  ['María García', 'María García'],
  ['👩‍👩‍👧 <b>', '👩‍👩‍👧 <b>'],
  ['\u202eaicraG', '\u2068\u202eaicraG\u2069'],
  ['שלום', '\u2068שלום\u2069'],
  ['\u2069\u2069\u202ex', '\u2068\u202ex\u2069'],
  ['\u2067a\u2066b', '\u2068\u2067a\u2066b\u2069\u2069\u2069'],
  ['\u2067a\u2069\u2069b', '\u2068\u2067a\u2069b\u2069'],
])('%j stands apart as %j', (text, want) => {
  expect(apart(text)).toBe(want)
})
