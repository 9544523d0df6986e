import { beforeEach, describe, expect, test, vi } from 'vitest'
import { ApiError, type Api } from '../api/api'
import type { Changed, OutboxEntry, ThreadRow, Wish } from '../api/types'
import { Words } from '../words/words.svelte'
import { Agents } from './agents.svelte'
import { Changes, type Paint } from './changes.svelte'
import { Toasts } from './toast.svelte'

/** A promise that is kept or broken from outside. */
function deferred<T>() {
  let resolve: (value: T) => void = () => undefined
  let reject: (reason: unknown) => void = () => undefined
  const promise = new Promise<T>((keep, fail) => ([resolve, reject] = [keep, fail]))
  return { promise, resolve, reject }
}

/** A server that answers when it is told to. */
class Server {
  asked: { threads: string[]; wish: Wish; how: { preview?: true; confirm?: true } }[] = []
  undone: string[][] = []
  stuck: string[] = []
  laid: [string, Paint][] = []
  reread = 0
  answer = deferred<Changed>()
  rereading: Promise<void> = Promise.resolve()

  change = (threads: string[], wish: Wish, how: { preview?: true; confirm?: true }) => {
    this.asked.push({ threads, wish, how })
    return this.answer.promise
  }

  undo = (ids: string[]) => {
    this.undone.push(ids)
    return Promise.resolve({ entries: [], left: ids.filter((id) => this.stuck.includes(id)) })
  }

  ana = { ref: 'ana@tienda.example', name: '', me: false }
  agents = () => Promise.resolve([this.ana])
  saveAgent = (change: object) => {
    this.ana = { ...this.ana, ...change }
    return Promise.resolve()
  }

  accept(...ids: string[]) {
    const entries = ids.map((id) => ({ id }) as OutboxEntry)
    this.answer.resolve({ entries, plan: { change: ids.length, same: 0, unsupported: [], irreversible: 0 } })
  }

  refuse(status: number, code: string, message: string) {
    this.answer.reject(new ApiError(status, code, message))
    this.answer = deferred<Changed>()
  }
}

const row = (thread: string, more: Partial<ThreadRow> = {}): ThreadRow =>
  ({
    thread,
    name: 'María',
    phone: '',
    account: 'ventas',
    provider: 'waspy',
    status: 'open',
    status_word: 'open',
    assignees: [],
    pending: null,
    ...more,
  }) as ThreadRow

const settled = () => new Promise((resolve) => setTimeout(resolve, 5))

let server: Server
let toasts: Toasts
let agents: Agents
let changes: Changes

beforeEach(() => {
  server = new Server()
  const api = server as unknown as Api
  toasts = new Toasts()
  agents = new Agents(api)
  changes = new Changes(api, agents, toasts, new Words('es-AR'), {
    lay: (thread, paint) => server.laid.push([thread, paint]),
    reread: () => {
      server.reread++
      return server.rereading
    },
    refresh: () => Promise.resolve(),
  })
})

describe('a change', () => {
  test('is painted before it is answered, and until the rows were read again', async () => {
    const reading = deferred<undefined>()
    server.rereading = reading.promise
    changes.make([row('t1')], { status: 'resolved' })
    expect(changes.paint(row('t1'))).toMatchObject({ status: 'resolved', status_word: 'resolved', pending: 'waiting' })
    expect(changes.paint(row('t2'))).toMatchObject({ status: 'open', pending: null })
    server.accept('o_1')
    await settled()
    expect(server.laid).toEqual([['t1', { status: 'resolved', status_word: 'resolved', pending: 'waiting' }]])
    expect(changes.paint(row('t1')).status).toBe('resolved')
    reading.resolve(undefined)
    await settled()
    expect(changes.paint(row('t1')).status).toBe('open')
  })

  test('that is refused is taken back, lays nothing, and says why', async () => {
    changes.make([row('t1')], { status: 'resolved' })
    server.refuse(507, 'disk_full', 'El disco está lleno.')
    await settled()
    expect(changes.paint(row('t1'))).toMatchObject({ status: 'open', pending: null })
    expect(server.laid).toEqual([])
    expect(toasts.shown?.tone).toBe('failed')
    expect(toasts.shown?.text()).toBe('No se hizo el cambio. El disco está lleno.')
    expect(toasts.undo()).toBe(false)
  })

  test('beside another of the same thread: each is painted, in order, and taken back alone', async () => {
    changes.make([row('t1')], { status: 'resolved' })
    const first = server.answer
    server.answer = deferred<Changed>()
    changes.make([row('t1', { status: 'resolved' })], { assignees: ['ana@tienda.example'] })
    expect(changes.paint(row('t1'))).toMatchObject({ status: 'resolved', assignees: ['ana@tienda.example'] })
    first.reject(new ApiError(500, 'disk', 'No.'))
    await settled()
    expect(changes.paint(row('t1'))).toMatchObject({ status: 'open', assignees: ['ana@tienda.example'] })
  })
})

describe('what is asked first', () => {
  test('a way of no return, and nothing is sent before the yes', async () => {
    changes.make([row('t1', { provider: 'platica' })], { status: 'expired' })
    expect(changes.question?.ask).toBe('confirm')
    expect(server.asked).toEqual([])
    changes.cancel()
    expect(changes.question).toBeNull()
    changes.make([row('t1', { provider: 'platica' })], { status: 'expired' })
    changes.accept()
    await settled()
    expect(server.asked).toEqual([{ threads: ['t1'], wish: { status: 'expired' }, how: { confirm: true } }])
  })

  test('several: the plan, and only then the change', async () => {
    changes.make([row('t1'), row('t2')], { status: 'pending' })
    expect(changes.paint(row('t1')).status).toBe('open')
    server.accept('a', 'b')
    await settled()
    expect(server.asked.map((each) => each.how)).toEqual([{ preview: true }])
    expect(changes.question).toMatchObject({ ask: 'preview', plan: { change: 2 } })
    changes.accept()
    expect(changes.paint(row('t2')).status).toBe('pending')
    expect(server.asked.at(-1)?.how).toEqual({ confirm: true })
  })

  test('who one is, where the server does not know; the answer sends the change again', async () => {
    changes.make([row('t1')], { me: true })
    server.refuse(409, 'who', 'No.')
    await settled()
    expect(changes.question).toMatchObject({ ask: 'who', account: 'ventas' })
    expect(toasts.shown).toBeNull()
    expect(await changes.iAm('ana@tienda.example')).toBe(true)
    expect(server.asked).toHaveLength(2)
    expect(changes.paint(row('t1')).assignees).toEqual(['ana@tienda.example'])
  })
})

describe('undo', () => {
  test('takes back the last change, of all its threads at once, and then the one before', async () => {
    changes.make([row('t1')], { status: 'resolved' })
    server.accept('o_1')
    await settled()
    server.answer = deferred<Changed>()
    changes.make([row('t2'), row('t3')], { status: 'closed' })
    server.accept('o_2', 'o_3')
    await settled()
    changes.accept()
    await settled()
    expect(toasts.undo()).toBe(true)
    await settled()
    expect(toasts.undo()).toBe(true)
    await settled()
    expect(toasts.undo()).toBe(false)
    expect(server.undone).toEqual([['o_2', 'o_3'], ['o_1']])
  })

  test('before the change is answered: painted back at once, sent after', async () => {
    changes.make([row('t1')], { status: 'resolved' })
    toasts.undo()
    expect(changes.paint(row('t1'))).toMatchObject({ status: 'open', pending: null })
    expect(server.undone).toEqual([])
    server.accept('o_1')
    await settled()
    expect(server.undone).toEqual([['o_1']])
  })

  test('of what was so already asks nothing', async () => {
    changes.make([row('t1')], { status: 'resolved' })
    server.accept()
    await settled()
    toasts.undo()
    await settled()
    expect(server.undone).toEqual([])
    expect(toasts.shown?.tone).toBe('done')
  })

  test('says how many could not be taken back', async () => {
    changes.make([row('t1'), row('t2')], { status: 'resolved' })
    server.accept('o_1', 'o_2')
    await settled()
    changes.accept()
    await settled()
    server.stuck = ['o_2']
    toasts.undo()
    await settled()
    expect(toasts.shown?.tone).toBe('failed')
    expect(toasts.shown?.text()).toContain('1')
  })

  test('that fails is said, and can be tried again', async () => {
    changes.make([row('t1')], { status: 'resolved' })
    server.accept('o_1')
    await settled()
    const undo = vi.spyOn(server, 'undo').mockRejectedValueOnce(new ApiError(500, 'disk', 'No se pudo.'))
    toasts.undo()
    await settled()
    expect(toasts.shown?.text()).toContain('No se pudo.')
    undo.mockRestore()
    expect(toasts.undo()).toBe(true)
  })
})
