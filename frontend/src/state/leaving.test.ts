import { expect, test } from 'vitest'
import type { Snoozed, Status, ThreadRow, View } from '../api/types'
import { leaves, nextStaying } from './leaving'

const row = (more: Partial<ThreadRow>) =>
  ({ thread: 't', status: 'open', assignees: [], snoozed: null, ...more }) as ThreadRow
const asleep: Snoozed = { until: '2031-04-14T12:00:00.000Z', back: null }
const back: Snoozed = { ...asleep, back: 'time' }
const isMine = ({ assignees }: ThreadRow) => assignees.includes('me')

test.each<[View, Partial<ThreadRow>, boolean]>([
  ['inbox', {}, false],
  ['inbox', { status: 'pending' }, false],
  ['inbox', { status: 'resolved' }, true],
  ['inbox', { status: 'spam' }, true],
  ['inbox', { snoozed: asleep }, true],
  ['inbox', { snoozed: back }, false],
  ['needs_reply', { status: 'unknown' }, true],
  ['mine', { assignees: ['me'] }, false],
  ['mine', { assignees: ['luis'] }, true],
  ['unassigned', {}, false],
  ['unassigned', { assignees: ['me'] }, true],
  ['expiring', { status: 'closed' }, true],
  ['snoozed', { snoozed: asleep, status: 'resolved' }, false],
  ['snoozed', {}, true],
  ['spam', { status: 'spam' }, false],
  ['spam', {}, true],
  ['all', { status: 'closed', snoozed: asleep }, false],
])('%s with %o: leaves %s', (view, more, left) => {
  expect(leaves(view, row(more), isMine)).toBe(left)
})

test.each<[string, string[], string | undefined]>([
  ['b', ['b'], 'c'],
  ['b', ['b', 'c'], 'd'],
  ['c', ['c', 'd'], 'b'],
  ['d', ['d'], 'c'],
  ['a', ['a', 'b', 'c', 'd'], undefined],
])('from %s, where %o leave, the keys stand on %s', (from, leaving, next) => {
  const rows = ['a', 'b', 'c', 'd'].map((thread) => row({ thread, status: 'open' as Status }))
  expect(nextStaying(rows, from, new Set(leaving))?.thread).toBe(next)
})
