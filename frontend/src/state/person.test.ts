import { expect, test } from 'vitest'
import { ApiError, type Api } from '../api/api'
import type { Contact, Duplicate, PersonDetail } from '../api/types'
import { Words } from '../words/words.svelte'
import { PersonOf } from './person.svelte'
import { Toasts } from './toast.svelte'

class Server {
  said: string[] = []
  refuse: ApiError | null = null
  waiting = new Map<string, (detail: PersonDetail) => void>()
  person = (id: string): Promise<PersonDetail> => new Promise((resolve) => this.waiting.set(id, resolve))
  split = (person: string, contact: string) => this.#say(`split ${person} ${contact}`)
  join = (person: string, other: string) => this.#say(`join ${person} ${other}`)
  apart = (person: string, other: string) => this.#say(`apart ${person} ${other}`)
  undoJoin = (id: string) => this.#say(`undo ${id}`)
  answer = async (id: string, name: string): Promise<void> => {
    this.waiting.get(id)?.({ person: id, name } as PersonDetail)
    await settle()
  }
  #say(what: string): Promise<{ person: string; undo: string }> {
    if (this.refuse) return Promise.reject(this.refuse)
    this.said.push(what)
    return Promise.resolve({ person: 'p_1', undo: 'j_1' })
  }
}

const settle = () => new Promise((resolve) => setTimeout(resolve))
const contact = { id: 'c_2', name: 'Mari G.', phone: '+54 9 11 5983-4410' } as Contact
const other = { person: 'p_9', name: '', phone: '+54 9 11 5983-4410' } as Duplicate

function begin(): { server: Server; person: PersonOf; toasts: Toasts; moved: () => number } {
  const server = new Server()
  const toasts = new Toasts()
  let moved = 0
  const person = new PersonOf(server as unknown as Api, toasts, new Words('es-AR'), () => {
    moved++
    return Promise.resolve()
  })
  return { server, person, toasts, moved: () => moved }
}

test('only the person that is shown is painted, whatever comes later', async () => {
  const { server, person } = begin()
  person.show('p_1')
  person.show('p_2')
  await server.answer('p_2', 'Juan')
  await server.answer('p_1', 'María')
  expect(person.detail?.name).toBe('Juan')
  person.show('')
  expect(person.detail).toBeNull()
})

test('a contact is split off, said, and taken back', async () => {
  const { server, person, toasts, moved } = begin()
  person.show('p_1')
  const split = person.split(contact)
  expect(person.busy).toBe(true)
  await settle()
  await server.answer('p_1', 'María')
  await split
  expect(person.busy).toBe(false)
  expect(toasts.shown?.text()).toBe('Separaste a Mari G.')
  expect(moved()).toBe(1)
  toasts.undo()
  await settle()
  expect(server.said).toEqual(['split p_1 c_2', 'undo j_1'])
  expect(moved()).toBe(2)
})

test('somebody is joined under the number, where there is no name', async () => {
  const { server, person, toasts } = begin()
  person.show('p_1')
  void person.join(other)
  await settle()
  expect(server.said).toEqual(['join p_1 p_9'])
  expect(toasts.shown?.text()).toBe('Uniste a +54 9 11 5983-4410')
})

test('who looks like this person is kept apart, said, and taken back', async () => {
  const { server, person, toasts } = begin()
  person.show('p_1')
  const kept = person.apart(other)
  await settle()
  await server.answer('p_1', 'María')
  await kept
  expect(toasts.shown?.text()).toBe('Dejaste aparte a +54 9 11 5983-4410')
  toasts.undo()
  await settle()
  expect(server.said).toEqual(['apart p_1 p_9', 'undo j_1'])
})

test('what is refused is said, and nothing is offered to take back', async () => {
  const { server, person, toasts } = begin()
  person.show('p_1')
  server.refuse = new ApiError(409, 'alone', 'No queda nadie más.')
  void person.split(contact)
  await settle()
  expect(toasts.shown?.text()).toContain('No queda nadie más.')
  expect(toasts.undo()).toBe(false)
  expect(person.busy).toBe(false)
})

test('while one is on its way another is not made', async () => {
  const { server, person } = begin()
  person.show('p_1')
  void person.split(contact)
  void person.split(contact)
  await settle()
  expect(server.said).toHaveLength(1)
})
