import { expect, test } from 'vitest'
import type { Change, Message, Note } from '../api/types'
import { dayOver, entriesOf, headOf, saysDay, withDated, withUnread } from './entries'

const place = { lang: 'es-AR', zone: 'America/Argentina/Buenos_Aires' }

function message(id: string, conversation: string, at: string | null): Message {
  return {
    message: id,
    conversation,
    direction: 'in',
    kind: 'text',
    kind_word: 'text',
    text: id,
    status: '',
    reason: '',
    at,
  }
}

const drawn = (messages: Message[]) =>
  entriesOf(messages, [], place).map((entry) => (entry.kind === 'message' ? entry.message.message : entry.kind))

test('a day is said where it changes, in the account’s zone', () => {
  expect(
    drawn([
      message('1', 'a', '2026-04-13T02:59:00.000Z'),
      message('2', 'a', '2026-04-13T03:00:00.000Z'),
      message('3', 'a', '2026-04-13T23:00:00.000Z'),
    ]),
  ).toEqual(['day', '1', 'day', '2', '3'])
})

test('a session is said where the conversation changes, with its day where that changes too', () => {
  const entries = entriesOf(
    [
      message('1', 'a', '2026-04-12T12:00:00.000Z'),
      message('2', 'b', '2026-04-12T13:00:00.000Z'),
      message('3', 'c', '2026-04-13T13:00:00.000Z'),
    ],
    [],
    place,
  )
  expect(entries.map((entry) => entry.kind)).toEqual(['day', 'message', 'session', 'message', 'session', 'message'])
  expect(entries.map((entry) => (entry.kind === 'session' ? entry.at : ''))).toEqual([
    '',
    '',
    null,
    '',
    '2026-04-13T13:00:00.000Z',
    '',
  ])
})

test('a message without a time belongs to the day before it', () => {
  expect(
    drawn([message('1', 'a', null), message('2', 'a', '2026-04-13T12:00:00.000Z'), message('3', 'a', null)]),
  ).toEqual(['1', 'day', '2', '3'])
})

test('keys are unique, however often conversations take turns', () => {
  const messages = ['a', 'b', 'a', 'b'].map((conversation, i) =>
    message(`${i}`, conversation, '2026-04-13T12:00:00.000Z'),
  )
  const keys = entriesOf(messages, [], place).map((entry) => entry.key)
  expect(new Set(keys).size).toBe(keys.length)
})

const change = (until: string) => ({ field: 'status', until }) as Change

test('a change stands where it was seen, before the separator of a later message', () => {
  const entries = entriesOf(
    [message('1', 'a', '2026-04-12T12:00:00.000Z'), message('2', 'a', '2026-04-13T12:00:00.000Z')],
    [],
    place,
  )
  const changes = ['2026-04-14T12:00:00.000Z', '2026-04-12T13:00:00.000Z', '2026-04-11T12:00:00.000Z'].map(change)
  const laid = (extent: { atStart: boolean; atEnd: boolean }) =>
    withDated(entries, changes, [], extent).map((each) =>
      each.kind === 'message'
        ? each.message.message
        : each.kind === 'change'
          ? each.change.until.slice(8, 10)
          : each.kind,
    )
  expect(laid({ atStart: true, atEnd: true })).toEqual(['11', 'day', '1', '12', 'day', '2', '14'])
  expect(laid({ atStart: false, atEnd: false })).toEqual(['day', '1', '12', 'day', '2'])
})

test('a message without a time holds no change back', () => {
  const entries = entriesOf([message('1', 'a', null), message('2', 'a', '2026-04-13T12:00:00.000Z')], [], place)
  const laid = withDated(entries, [change('2026-04-13T11:00:00.000Z')], [], { atStart: true, atEnd: true })
  expect(laid.filter((each) => each.kind === 'change')).toHaveLength(1)
})

const note = (id: string, made_at: string) => ({ id, made_at }) as Note

test('notes stand at their time, among messages and changes alike, and without any message', () => {
  const entries = entriesOf([message('1', 'a', '2026-04-12T12:00:00.000Z')], [], place)
  const notes = [note('early', '2026-04-12T11:00:00.000Z'), note('late', '2026-04-12T13:30:00.000Z')]
  const changes = [change('2026-04-12T14:00:00.000Z'), change('2026-04-12T13:00:00.000Z')]
  const kinds = (of: typeof entries, extent: { atStart: boolean; atEnd: boolean }) =>
    withDated(of, changes, notes, extent).map((each) => (each.kind === 'note' ? each.note.id : each.kind))
  expect(kinds(entries, { atStart: true, atEnd: true })).toEqual([
    'early',
    'day',
    'message',
    'change',
    'late',
    'change',
  ])
  expect(kinds(entries, { atStart: false, atEnd: false })).toEqual(['day', 'message'])
  expect(kinds([], { atStart: true, atEnd: true })).toEqual(['early', 'change', 'late', 'change'])
})

const days = [
  '2026-04-12T12:00:00.000Z',
  '2026-04-12T13:00:00.000Z',
  '2026-04-13T12:00:00.000Z',
  '2026-04-13T13:00:00.000Z',
]
const four = entriesOf(
  days.map((at, i) => message(`${i}`, 'a', at)),
  [],
  place,
)
const from = (message: string, since: string | null = null) => ({
  since,
  account: 'ventas',
  conversation: 'a',
  message,
})
const kinds = (unread: ReturnType<typeof from> | null) =>
  withUnread(four, unread).map((entry) => (entry.kind === 'message' ? entry.message.message : entry.kind))

test('the unread begin before the day of their first message', () => {
  expect(kinds(null)).toEqual(['day', '0', '1', 'day', '2', '3'])
  expect(kinds(from('2'))).toEqual(['day', '0', '1', 'unread', 'day', '2', '3'])
  expect(kinds(from('1'))).toEqual(['day', '0', 'unread', '1', 'day', '2', '3'])
  expect(kinds(from('9'))).toEqual(['day', '0', '1', 'day', '2', '3']) // further up, or down
  expect(kinds({ ...from('1'), conversation: 'b' })).toEqual(['day', '0', '1', 'day', '2', '3'])
})

test('where the first unread message was not here yet, it is the first that came since', () => {
  expect(kinds(from('', days[2]))).toEqual(['day', '0', '1', 'day', '2', 'unread', '3'])
  expect(kinds(from('', days[3]))).toEqual(['day', '0', '1', 'day', '2', '3'])
  expect(kinds(from('', null))).toEqual(['unread', 'day', '0', '1', 'day', '2', '3'])
  const sent = [
    { ...message('0', 'a', days[0] ?? null), direction: 'out' as const },
    message('1', 'a', days[1] ?? null),
  ]
  expect(withUnread(entriesOf(sent, [], place), from('')).map((entry) => entry.kind)).toEqual([
    'day',
    'message',
    'unread',
    'message',
  ])
})

test('over all threads of a person the account tells one message from another', () => {
  const all = [
    { ...message('1', 'a', days[0] ?? null), thread: 't_1', account: 'soporte' },
    { ...message('1', 'a', days[1] ?? null), thread: 't_2', account: 'ventas' },
  ]
  const entries = withUnread(entriesOf(all, [], place), from('1'))
  expect(entries.map((entry) => entry.kind)).toEqual(['day', 'message', 'unread', 'message'])
})

test('what separates a message from those before belongs to it', () => {
  expect(headOf(withUnread(four, from('2')), 5)).toBe(3)
  expect(headOf(four, 2)).toBe(2)
  expect(headOf(four, 1)).toBe(0)
})

test('what stands on top is of a day', () => {
  expect(four.map((_, i) => dayOver(four, i))).toEqual([days[0], days[0], days[1], days[2], days[2], days[3]])
  expect(four.map(saysDay)).toEqual([true, false, false, true, false, false])
  const untimed = entriesOf([message('0', 'a', days[0] ?? null), message('1', 'a', null)], [], place)
  expect(dayOver(untimed, 2)).toBe(days[0])
  expect(dayOver([], 0)).toBe('')
})
