import { beforeEach, describe, expect, test, vi } from 'vitest'
import { ApiError, type Api } from '../api/api'
import type { Act, ActPreview, Changed, ThreadRow, Whole, Wish } from '../api/types'
import { Words } from '../words/words.svelte'
import { Agents } from './agents.svelte'
import { Changes } from './changes.svelte'
import { Toasts } from './toast.svelte'
import type { Paint } from './wishing'

/** A promise that is kept or broken from outside. */
function deferred<T>() {
  let resolve: (value: T) => void = () => undefined
  let reject: (reason: unknown) => void = () => undefined
  const promise = new Promise<T>((keep, fail) => ([resolve, reject] = [keep, fail]))
  return { promise, resolve, reject }
}

/** A server that answers when it is told to. */
class Server {
  asked: { threads: string[]; wish: Wish; op: string; confirm: boolean }[] = []
  planned: [{ threads: string[] } | Whole, Wish][] = []
  acted: { op: string; list: string; wish: Wish }[] = []
  undone: string[] = []
  taken: Partial<Act> = {}
  laid: [string, Paint][] = []
  left: string[] = []
  gone: string[] = []
  reread = 0
  answer = deferred<Changed>()
  plan = deferred<ActPreview>()
  acting = deferred<Act>()
  rereading: Promise<void> = Promise.resolve()

  change = (threads: string[], wish: Wish, op: string, confirm: boolean) => {
    this.asked.push({ threads, wish, op, confirm })
    return this.answer.promise
  }

  planAct = (of: { threads: string[] } | Whole, wish: Wish) => {
    this.planned.push([of, wish])
    return this.plan.promise
  }

  act = (op: string, list: string, wish: Wish) => {
    this.acted.push({ op, list, wish })
    return this.acting.promise
  }

  actState = (op: string) => Promise.resolve(act(op, { state: 'done', changed: 3, left: 0 }))

  undoAct = (op: string) => {
    this.undone.push(op)
    return Promise.resolve(act(op, { state: 'undone', ...this.taken }))
  }

  ana = { ref: 'ana@tienda.example', name: '', me: false }
  agents = () => Promise.resolve([this.ana])
  saveAgent = (change: object) => {
    this.ana = { ...this.ana, ...change }
    return Promise.resolve()
  }

  accept(change = 1) {
    this.answer.resolve({ entries: [], plan: { change, same: 0, unsupported: [], irreversible: 0 } })
  }

  counted(change: number, total = change) {
    const plan = { change, same: 0, unsupported: 0, asking: 0, irreversible: 0 }
    this.plan.resolve({ list: 'l_1', count: total, total, plan })
  }

  refuse(status: number, code: string, message: string) {
    this.answer.reject(new ApiError(status, code, message))
    this.answer = deferred<Changed>()
  }
}

const act = (op: string, more: Partial<Act>): Act => ({
  op,
  state: 'done',
  total: 3,
  left: 0,
  changed: 3,
  same: 0,
  unsupported: 0,
  asking: 0,
  undone: 0,
  moved_on: 0,
  irreversible: 0,
  made_at: null,
  ...more,
})

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
    leave: (rows) => rows.filter((each) => server.left.includes(each.thread)).length,
    listed: (threads) => threads.filter((each) => !server.gone.includes(each)),
    view: () => 'Bandeja de entrada',
    accounts: () => ['ventas'],
  })
})

describe('a change', () => {
  test('is painted before it is answered, and until the rows were read again', async () => {
    const reading = deferred<undefined>()
    server.rereading = reading.promise
    changes.make([row('t1')], { status: 'resolved' })
    expect(changes.paint(row('t1'))).toMatchObject({ status: 'resolved', status_word: 'resolved', pending: 'waiting' })
    expect(changes.paint(row('t2'))).toMatchObject({ status: 'open', pending: null })
    server.accept()
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
    expect(server.asked).toMatchObject([{ threads: ['t1'], wish: { status: 'expired' }, confirm: true }])
  })

  test('several: the plan, and only then what was counted', async () => {
    changes.make([row('t1'), row('t2')], { status: 'pending' })
    expect(changes.paint(row('t1')).status).toBe('open')
    server.counted(2)
    await settled()
    expect(server.planned).toEqual([[{ threads: ['t1', 't2'] }, { status: 'pending' }]])
    expect(server.acted).toEqual([])
    expect(changes.question).toMatchObject({ ask: 'preview', counted: { plan: { change: 2 } } })
    changes.accept()
    expect(changes.paint(row('t2')).status).toBe('pending')
    expect(server.acted).toMatchObject([{ list: 'l_1', wish: { status: 'pending' } }])
  })

  test('all of a list: the server counts it, and what is read is painted', async () => {
    const whole: Whole = { view: 'inbox', account: '', q: 'vip', sort: '' }
    changes.make([row('t1')], { status: 'resolved' }, whole)
    server.counted(1200, 1240)
    await settled()
    expect(server.planned).toEqual([[whole, { status: 'resolved' }]])
    changes.accept()
    expect(changes.paint(row('t1')).status).toBe('resolved')
    server.acting.resolve(act('x', { state: 'doing', total: 1240, left: 740, changed: 500 }))
    await settled()
    expect(toasts.shown?.text()).toBe('Cambiando… 500 de 1.240')
    await new Promise((resolve) => setTimeout(resolve, 450))
    expect(toasts.shown?.text()).toBe('Cambiaste 3 conversaciones')
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

describe('what left the list', () => {
  test('is said at once, where that is known', () => {
    server.left = ['t1']
    changes.make([row('t1')], { status: 'resolved' })
    expect(toasts.shown?.text()).toBe('Resuelta: María · salió de «Bandeja de entrada»')
  })

  test('is said once the rows were read again, where only the server knows', async () => {
    changes.make([row('t1')], { status: 'resolved' })
    expect(toasts.shown?.text()).toBe('Resuelta: María')
    server.accept()
    server.rereading = Promise.resolve().then(() => void (server.gone = ['t1']))
    await settled()
    expect(toasts.shown?.text()).toBe('Resuelta: María · salió de «Bandeja de entrada»')
  })
})

describe('undo', () => {
  /** Changes several, and waits until that is done. */
  async function several(...threads: string[]) {
    changes.make(
      threads.map((each) => row(each)),
      { status: 'closed' },
    )
    server.counted(threads.length)
    await settled()
    changes.accept()
    server.acting.resolve(act(server.acted.at(-1)?.op ?? '', {}))
    await settled()
  }

  test('takes back the last change, of all its threads at once, and then the one before', async () => {
    changes.make([row('t1')], { status: 'resolved' })
    server.accept()
    await settled()
    await several('t2', 't3')
    const [{ op: first } = { op: '' }] = server.asked
    const [{ op: second } = { op: '' }] = server.acted
    expect(toasts.undo()).toBe(true)
    await settled()
    expect(toasts.undo()).toBe(true)
    await settled()
    expect(toasts.undo()).toBe(false)
    expect(server.undone).toEqual([second, first])
  })

  test('before the change is answered: painted back at once, sent after', async () => {
    changes.make([row('t1')], { status: 'resolved' })
    toasts.undo()
    expect(changes.paint(row('t1'))).toMatchObject({ status: 'open', pending: null })
    expect(server.undone).toEqual([])
    server.accept()
    await settled()
    expect(server.undone).toHaveLength(1)
  })

  test('of what was so already asks nothing', async () => {
    changes.make([row('t1')], { status: 'resolved' })
    server.accept(0)
    await settled()
    toasts.undo()
    await settled()
    expect(server.undone).toEqual([])
    expect(toasts.shown?.tone).toBe('done')
  })

  test('says what stays as it is, and why', async () => {
    await several('t1', 't2', 't3', 't4')
    server.taken = { undone: 2, moved_on: 1, irreversible: 1 }
    toasts.undo()
    await settled()
    expect(toasts.shown?.tone).toBe('failed')
    expect(toasts.shown?.text()).toBe(
      'Deshecho en 2 conversaciones · 1 quedó como está: cambió después · 1 no se puede deshacer',
    )
  })

  test('that fails is said, and can be tried again', async () => {
    changes.make([row('t1')], { status: 'resolved' })
    server.accept()
    await settled()
    const undo = vi.spyOn(server, 'undoAct').mockRejectedValueOnce(new ApiError(500, 'disk', 'No se pudo.'))
    toasts.undo()
    await settled()
    expect(toasts.shown?.text()).toContain('No se pudo.')
    undo.mockRestore()
    expect(toasts.undo()).toBe(true)
  })
})

test('a lost answer is asked for again by the same name', async () => {
  const change = vi.spyOn(server, 'change').mockRejectedValueOnce(new ApiError(0, 'unreachable', ''))
  changes.make([row('t1')], { status: 'resolved' })
  server.accept()
  await new Promise((resolve) => setTimeout(resolve, 350))
  const ops = change.mock.calls.map(([, , op]) => op)
  expect(ops).toHaveLength(2)
  expect(ops[0]).toBe(ops[1])
  expect(toasts.shown?.tone).toBe('done')
})
