import { expect, test } from 'vitest'
import { readCall, readChange } from './events'

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

const shown = { tag: 't_1', title: 'Ana', body: 'hola', thread: 't_1' }

test.each([
  ['notify', JSON.stringify(shown), { kind: 'notify', ...shown }],
  ['notify', JSON.stringify({ ...shown, tag: '' }), null],
  ['notify', JSON.stringify({ ...shown, body: 7 }), null],
  ['notify', '{}', null],
  ['notify', 'null', null],
  ['goto', '{"thread":"t_1"}', { kind: 'goto', thread: 't_1' }],
  ['goto', '{"thread":""}', { kind: 'goto', thread: '' }],
  ['goto', '{"thread":null}', null],
  ['goto', 'not json', null],
  ['press', '{"command":"search"}', { kind: 'press', command: 'search' }],
  ['press', '{"command":7}', null],
] as const)('%s %s', (kind, data, want) => {
  expect(readCall(kind, data)).toEqual(want)
})
