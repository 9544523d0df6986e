import { expect, test } from 'vitest'
import { readChange } from './events'

test.each([
  ['threads', '{"threads":["t_1","t_2"]}', { kind: 'threads', threads: ['t_1', 't_2'] }],
  ['threads', '{"threads":null}', { kind: 'threads', threads: null }],
  ['threads', '{"threads":["t_1",7]}', { kind: 'threads', threads: ['t_1'] }],
  ['threads', '{}', null],
  ['threads', 'not json', null],
  ['state', '{}', { kind: 'state' }],
  ['search', '{}', { kind: 'search' }],
  ['reset', '', { kind: 'reset' }],
] as const)('%s %s', (kind, data, want) => {
  expect(readChange(kind, data)).toEqual(want)
})
