import { expect, test } from 'vitest'
import { launchCode } from './session'

test.each([
  ['#k=abc', 'abc'],
  ['#k=a%2Bb', 'a+b'],
  ['#/inbox', null],
  ['#k=', null],
  ['', null],
])('the launch code of %s is %s', (hash, want) => {
  expect(launchCode(hash)).toBe(want)
})
