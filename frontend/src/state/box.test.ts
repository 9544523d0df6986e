import { expect, test, vi } from 'vitest'
import type { Api, SearchQuery } from '../api/api'
import type { Completion, Found } from '../api/types'
import { Box, type BoxSurface } from './box.svelte'
import type { BoxCommand } from './commands'
import { found } from './search.sample'

class Server {
  waiting = new Map<string, (value: Found) => void>()
  completions: Completion[] = []
  asked: SearchQuery[] = []
  search = (ask: SearchQuery): Promise<Found> => {
    this.asked.push(ask)
    return new Promise((resolve) => this.waiting.set(ask.q, resolve))
  }
  recent: string[] = []
  recentSearches = (): Promise<string[]> => Promise.resolve(this.recent)
  saveRecentSearches = (recent: string[]): Promise<void> => {
    this.recent = recent
    return Promise.resolve()
  }
  complete = (): Promise<Completion[]> => Promise.resolve(this.completions)
  answer = async (query: string, value: Found): Promise<void> => {
    this.waiting.get(query)?.(value)
    await settle()
  }
}

const settle = () => new Promise((resolve) => setTimeout(resolve))

const inbox: BoxCommand = { id: 'inbox', kind: 'Vista', label: 'Bandeja', keys: 'g i', first: true, run: vi.fn() }
const help: BoxCommand = { id: 'help', kind: '', label: 'Teclas', keys: '?', first: false, run: vi.fn() }

function begin(): { server: Server; box: Box; done: string[] } {
  const server = new Server()
  const done: string[] = []
  const surface: BoxSurface = {
    edit: ({ text, caret }) => done.push(`edit ${text}|${caret}`),
    open: (thread, message) => done.push(`open ${thread} ${message}`.trim()),
    filter: (query) => done.push(`filter ${query}`),
    leave: (run) => {
      done.push('leave')
      run()
    },
    commands: () => [inbox, help],
  }
  return { server, box: new Box(server as unknown as Api, surface), done }
}

const kinds = (box: Box) => box.groups.map(({ name, hits }) => `${name}:${hits.length}`)
const completion = (insert: string, start: number, end: number): Completion => ({
  insert,
  label: insert,
  detail: '',
  start,
  end,
})

test('people come first, then messages, then what can be done', async () => {
  const { server, box } = begin()
  box.show('tec', '')
  await server.answer('tec', found('tec', 2, [2, 1], 'c1'))
  expect(kinds(box)).toEqual(['people:2', 'messages:3', 'commands:2'])
  expect(box.hits.map((hit) => hit.kind)).toEqual([
    'person',
    'person',
    'message',
    'message',
    'more',
    'command',
    'filter',
  ])
})

test('what can be done comes first where nobody is called so, but for a mistake or by letters in order', async () => {
  const { server, box, done } = begin()
  const guessed = found('tec', 2, [])
  guessed.people.forEach((person, i) => (person.reason = i === 0 ? 'two_changes' : 'letters'))
  box.show('tec', '')
  await server.answer('tec', guessed)
  expect(kinds(box)).toEqual(['commands:2', 'people:2'])
  await box.enter()
  expect(done.at(-1)).toBe('leave')
  expect(help.run).toHaveBeenCalled()
  box.show('tecl', '')
  await server.answer('tecl', { ...guessed, people: guessed.people.map((person) => ({ ...person, reason: 'prefix' })) })
  expect(kinds(box)).toEqual(['people:2', 'commands:2'])
  box.show('nada', '')
  await server.answer('nada', found('nada', 0, []))
  expect(box.hits.map((hit) => hit.kind)).toEqual(['filter'])
})

test('with nothing typed there are recent searches, the people met last, and the views', async () => {
  const { server, box, done } = begin()
  box.show('juan', '')
  await server.answer('juan', found('juan', 0, [1]))
  await box.enter()
  expect(done).toEqual(['open t_1 m1'])
  box.close()
  box.show('', '')
  await server.answer('', found('', 3, []))
  expect(kinds(box)).toEqual(['recent:2', 'met:3', 'commands:1'])
  await box.enter()
  expect(done.at(-1)).toBe('edit juan|4')
})

test('the last ten searches that were used are kept, newest first and each once, until they are cleared', async () => {
  const { server, box } = begin()
  const use = async (query: string): Promise<void> => {
    box.show(query, '')
    await server.answer(query, found(query, 1, []))
    await box.enter()
    await settle()
    box.close()
  }
  server.recent = ['de antes', 'ana']
  for (const query of ['juan', 'ana', 'x'.repeat(201)]) await use(query)
  expect(server.recent).toEqual(['ana', 'juan', 'de antes'])
  for (let n = 1; n <= 9; n++) await use(`orden ${n}`)
  expect(server.recent).toHaveLength(10)
  expect([server.recent[0], server.recent[9]]).toEqual(['orden 9', 'ana'])
  box.show('', '')
  await server.answer('', found('', 0, []))
  const clear = box.hits.find(({ kind }) => kind === 'forget')
  if (clear) box.choose(clear)
  await settle()
  expect(server.recent).toEqual([])
  expect(kinds(box)).toEqual(['commands:1'])
})

test('what was searched before is not written over while it is not known', async () => {
  const { server, box } = begin()
  server.recent = ['de antes']
  let read: (recent: string[]) => void = () => undefined
  server.recentSearches = () => new Promise((resolve) => (read = resolve))
  box.show('juan', '')
  await server.answer('juan', found('juan', 1, []))
  await box.enter()
  expect(server.recent).toEqual(['de antes'])
  read(server.recent)
  await settle()
  expect(server.recent).toEqual(['juan', 'de antes'])
  box.close()
  server.recentSearches = () => Promise.reject(new Error('lost'))
  box.show('ana', '')
  await server.answer('ana', found('ana', 1, []))
  await box.enter()
  await settle()
  expect(server.recent).toEqual(['juan', 'de antes'])
})

test('within a thread there are messages alone, and nothing of it is remembered', async () => {
  const { server, box, done } = begin()
  box.show('pedido', 't_7')
  await server.answer('pedido', found('pedido', 0, [1]))
  expect(kinds(box)).toEqual(['messages:1'])
  box.filter()
  expect(done).toEqual([])
  await box.enter()
  box.close()
  box.show('', '')
  await server.answer('', found('', 0, []))
  expect(kinds(box)).toEqual(['commands:1'])
})

test('the arrows go around, and leaps stop at the ends', async () => {
  const { server, box } = begin()
  box.show('zz', '')
  await server.answer('zz', found('zz', 1, [1]))
  expect(box.active).toBe(0)
  box.move(-1)
  expect(box.active).toBe(2)
  box.move(1)
  expect(box.active).toBe(0)
  box.leap(8)
  expect(box.active).toBe(2)
  box.leap(-8)
  expect(box.active).toBe(0)
})

test('the active line stays where it is when lines come in above it, and a new query begins at the first', async () => {
  const { server, box } = begin()
  box.show('pe', '')
  await server.answer('pe', found('pe', 1, [2, 1]))
  box.point(2)
  void box.search.again()
  await server.answer('pe', found('pe', 3, [3, 2, 1]))
  const hit = box.hits[box.active]
  expect(hit?.kind === 'message' && hit.message.message).toBe('m1')
  box.show('ped', '')
  await server.answer('ped', found('ped', 3, [3, 2, 1]))
  expect(box.active).toBe(0)
})

test('Enter waits for the answer to what is typed, and never opens what was found before', async () => {
  const { server, box, done } = begin()
  box.show('ga', '')
  await server.answer('ga', found('ga', 0, [1]))
  box.show('gar', '')
  const entered = box.enter()
  await settle()
  expect(done).toEqual([])
  await server.answer('gar', found('gar', 0, [5]))
  await entered
  expect(done).toEqual(['open t_5 m5'])
})

test('a value that is begun is completed before all else, by Enter and by Tab', async () => {
  const { server, box, done } = begin()
  server.completions = [completion('estado:abierta ', 5, 14), completion('estado:abandonada ', 5, 14)]
  box.show('juan estado:ab', '')
  box.stand(14)
  await server.answer('juan estado:ab', found('juan estado:ab', 1, []))
  expect(kinds(box)[0]).toBe('completions:2')
  await box.enter()
  expect(done).toEqual(['edit juan estado:abierta |20'])
  expect(box.complete()).toBe(true)
  await settle()
  expect(done).toHaveLength(2)
})

test('Tab takes the completion that stands under the arrows', async () => {
  const { server, box, done } = begin()
  server.completions = [completion('estado:abierta ', 0, 9), completion('estado:abandonada ', 0, 9)]
  box.show('estado:ab', '')
  box.stand(9)
  await server.answer('estado:ab', found('estado:ab', 0, []))
  box.move(1)
  expect(box.complete()).toBe(true)
  expect(done).toEqual(['edit estado:abandonada |18'])
})

test('a key that is begun is offered beside what was found, for Tab', async () => {
  const { server, box, done } = begin()
  server.completions = [completion('estado:', 0, 3)]
  box.show('est', '')
  box.stand(3)
  await server.answer('est', found('est', 1, []))
  expect(kinds(box)).toEqual(['people:1', 'commands:1'])
  expect(box.hint?.insert).toBe('estado:')
  expect(box.complete()).toBe(true)
  await settle()
  expect(done).toEqual(['edit estado:|7'])
})

test('what could only follow, or is there already, is not what Tab takes', async () => {
  const { server, box } = begin()
  server.completions = [completion('estado:', 5, 5), completion('juan ', 0, 4)]
  box.show('juan ', '')
  box.stand(5)
  await settle()
  expect(box.hint).toBeUndefined()
  expect(box.complete()).toBe(false)
})

test('Ctrl Enter puts what is typed into the list, once there is something', () => {
  const { box, done } = begin()
  box.show('  ', '')
  box.filter()
  box.show(' etiqueta:vip ', '')
  box.filter()
  expect(done).toEqual(['filter etiqueta:vip'])
})

test('a command closes the box before it runs', async () => {
  const { server, box, done } = begin()
  box.show('tecl', '')
  await server.answer('tecl', found('tecl', 0, []))
  await box.enter()
  expect(done).toEqual(['leave'])
  expect(help.run).toHaveBeenCalled()
})

test('after more messages the first of them is the active line', async () => {
  const { server, box } = begin()
  box.show('pe', '')
  await server.answer('pe', found('pe', 0, [5, 4], 'c1'))
  const more = box.more()
  await server.answer('pe', found('pe', 0, [3, 2]))
  await more
  const hit = box.hits[box.active]
  expect(hit?.kind === 'message' && hit.message.message).toBe('m3')
})
