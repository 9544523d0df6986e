import { expect, test, vi } from 'vitest'
import { ApiError, type Api } from '../api/api'
import type { SavedView } from '../api/types'
import { Words } from '../words/words.svelte'
import { Toasts } from './toast.svelte'
import { SavedViews } from './views.svelte'

/** Keeps views as the server does. */
class Server {
  list: SavedView[] = ['VIP', 'Reclamos', 'Envíos'].map((name, i) => ({
    id: `v_${i}`,
    name,
    query: `etiqueta:${name.toLowerCase()}`,
    view: 'all',
    count: i,
  }))
  refuse: ApiError | null = null
  views = () => Promise.resolve([...this.list])
  saveView = (view: Pick<SavedView, 'name' | 'query' | 'view'>) =>
    this.#do(() => {
      const saved = { ...view, id: `v_${this.list.length + 10}`, count: 0 }
      this.list.push(saved)
      return saved
    })
  changeView = (id: string, { name, position }: { name?: string; position?: number }) =>
    this.#do(() => {
      const from = this.list.findIndex((each) => each.id === id)
      const [view] = this.list.splice(from, 1) as [SavedView]
      const changed = { ...view, name: name ?? view.name }
      this.list.splice(position ?? from, 0, changed)
      return changed
    })
  dropView = (id: string) => this.#do(() => void (this.list = this.list.filter((each) => each.id !== id)))
  #do<T>(act: () => T): Promise<T> {
    return this.refuse ? Promise.reject(this.refuse) : Promise.resolve(act())
  }
}

async function begin(): Promise<{ server: Server; views: SavedViews; toasts: Toasts }> {
  const server = new Server()
  const toasts = new Toasts()
  const views = new SavedViews(server as unknown as Api, toasts, new Words('es-AR'))
  await views.refresh()
  return { server, views, toasts }
}

const names = (views: SavedViews) => views.list.map(({ name }) => name)
const settle = () => new Promise((resolve) => setTimeout(resolve))

test('the filter of the list is saved under a name, and the list knows it', async () => {
  const { views } = await begin()
  expect(views.of('estado:abierta', 'all')).toBeUndefined()
  views.ask('estado:abierta', 'all')
  expect(await views.save('Abiertas')).toBe(true)
  expect(views.saving).toBeNull()
  expect(names(views)).toEqual(['VIP', 'Reclamos', 'Envíos', 'Abiertas'])
  expect(views.of('estado:abierta', 'all')?.name).toBe('Abiertas')
  expect(views.of('estado:abierta', 'inbox')).toBeUndefined()
  expect(views.of('', 'all')).toBeUndefined()
})

test('a name that is not taken is said why, and the question stays', async () => {
  const { server, views } = await begin()
  views.ask('estado:abierta', 'all')
  server.refuse = new ApiError(409, 'exists', 'Ya hay una vista con ese nombre.')
  expect(await views.save('VIP')).toBe(false)
  expect(views.error).toBe('Ya hay una vista con ese nombre.')
  expect(views.saving).not.toBeNull()
  server.refuse = new ApiError(0, 'unreachable', '')
  await views.save('VIP')
  expect(views.error).toBe('No se pudo guardar. Probá de nuevo.')
  views.ask('otra', 'all')
  expect(views.error).toBe('')
})

test('a view is moved at once, and where that fails it goes back and it is said', async () => {
  const { server, views, toasts } = await begin()
  const moved = views.move('v_2', 0)
  expect(names(views)).toEqual(['Envíos', 'VIP', 'Reclamos'])
  await moved
  expect(names(views)).toEqual(['Envíos', 'VIP', 'Reclamos'])
  server.refuse = new ApiError(503, 'disk_full', 'El disco está lleno.')
  await views.move('v_2', 9)
  expect(names(views)).toEqual(['Envíos', 'VIP', 'Reclamos'])
  expect(toasts.shown?.text()).toContain('El disco está lleno.')
})

test('a view that is moved nowhere asks nothing', async () => {
  const { server, views } = await begin()
  const asked = vi.spyOn(server, 'changeView')
  await views.move('v_0', -1)
  await views.move('v_2', 7)
  await views.move('v_9', 0)
  expect(asked).not.toHaveBeenCalled()
})

test('renaming takes a new name, and leaves the old one where there is none', async () => {
  const { server, views } = await begin()
  views.rename('v_1')
  await views.name('  Quejas ')
  expect(names(views)).toEqual(['VIP', 'Quejas', 'Envíos'])
  expect(views.renaming).toBe('')
  const asked = vi.spyOn(server, 'changeView')
  for (const name of ['', '   ', 'VIP']) {
    views.rename('v_0')
    await views.name(name)
    expect(views.renaming).toBe('')
  }
  expect(asked).not.toHaveBeenCalled()
})

test('a deleted view is gone at once, and an undo brings it back to its place', async () => {
  const { views, toasts } = await begin()
  const [, view] = views.list
  const dropped = views.drop(view as SavedView)
  expect(names(views)).toEqual(['VIP', 'Envíos'])
  await dropped
  expect(toasts.shown?.text()).toBe('Vista borrada: Reclamos')
  expect(toasts.undo()).toBe(true)
  await settle()
  expect(names(views)).toEqual(['VIP', 'Reclamos', 'Envíos'])
})
