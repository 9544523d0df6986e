import { beforeEach, expect, test } from 'vitest'
import { ApiError, type Api } from '../api/api'
import type { Snoozed, ThreadRow } from '../api/types'
import { Words } from '../words/words.svelte'
import { Snoozing } from './snoozing'
import { Toasts } from './toast.svelte'

const at = Date.parse('2031-04-14T12:00:00Z')
const until = '2031-04-14T12:00:00.000Z'
const away: Snoozed = { until: '2031-04-13T20:00:00.000Z', back: null }

const row = (thread: string, snoozed: Snoozed | null = null) =>
  ({ thread, name: `Name of ${thread}`, phone: '', account: 'ventas', snoozed }) as ThreadRow

let asked: [string[], string | null][]
let laid: [string, string | null][]
let refused: ApiError | null
let reread: string[][]
let toasts: Toasts
let snoozing: Snoozing

beforeEach(() => {
  asked = []
  laid = []
  reread = []
  refused = null
  toasts = new Toasts()
  const api = {
    snooze: (threads: string[], until: string | null) => {
      asked.push([threads, until])
      return refused ? Promise.reject(refused) : Promise.resolve()
    },
  }
  snoozing = new Snoozing(api as unknown as Api, toasts, new Words('en'), {
    lay: (thread, { snoozed }) => laid.push([thread, snoozed?.until ?? null]),
    reread: (threads) => (reread.push(threads), Promise.resolve()),
    zoneOf: () => 'UTC',
    leave: () => 0,
    view: () => 'Inbox',
  })
})

test('a row is painted before the server has answered, kept, and read again', async () => {
  const made = snoozing.make([row('t_1')], () => at)
  expect(laid).toEqual([['t_1', until]])
  expect(toasts.shown?.text()).toMatch(/^Snoozed until: .*, 12:00 · Name of t_1$/)
  await made
  expect(asked).toEqual([[['t_1'], until]])
  expect(reread).toEqual([['t_1']])
})

test('rows of one time are asked for together, of another apart', async () => {
  await snoozing.make([row('t_1'), row('t_2'), row('t_3')], ({ thread }) => (thread === 't_2' ? at + 1000 : at))
  expect(asked).toEqual([
    [['t_1', 't_3'], until],
    [['t_2'], '2031-04-14T12:00:01.000Z'],
  ])
  expect(toasts.shown?.text()).toBe('You snoozed 3 conversations')
})

test('an undo gives each back what it had; what had come back stays back', async () => {
  await snoozing.make([row('t_1'), row('t_2', away), row('t_3', { ...away, back: 'time' })], () => at)
  asked = []
  expect(toasts.undo()).toBe(true)
  await Promise.resolve()
  await Promise.resolve()
  expect(asked).toEqual([
    [['t_1', 't_3'], null],
    [['t_2'], away.until],
  ])
})

test('no longer', async () => {
  await snoozing.make([row('t_2', away)], () => null)
  expect(asked).toEqual([[['t_2'], null]])
  expect(toasts.shown?.text()).toBe('No longer snoozed: Name of t_2')
})

test('what the server refuses is taken back, and said why', async () => {
  refused = new ApiError(507, 'disk_full', 'The disk is full.')
  await snoozing.make([row('t_2', away)], () => at)
  expect(laid.at(-1)).toEqual(['t_2', away.until])
  expect(toasts.shown?.tone).toBe('failed')
  expect(toasts.shown?.text()).toContain('The disk is full.')
})
