import { ApiError, type Api } from '../api/api'
import { Latest } from '../api/latest'
import type { SavedView, View } from '../api/types'
import type { Words } from '../words/words.svelte'
import type { Toasts } from './toast.svelte'

const soonMs = 1000

/** The queries that were given a name, in the order of the sidebar. */
export class SavedViews {
  #api: Api
  #toasts: Toasts
  #words: Words
  #reads = new Latest()
  #soon = false
  #list = $state.raw<SavedView[]>([])

  /** The filter that is being given a name, or null. */
  saving = $state.raw<{ query: string; view: View } | null>(null)
  /** The view that is being renamed, or "". */
  renaming = $state('')
  /** Why a name was not taken, or "". */
  error = $state('')

  constructor(api: Api, toasts: Toasts, words: Words) {
    this.#api = api
    this.#toasts = toasts
    this.#words = words
  }

  get list(): SavedView[] {
    return this.#list
  }

  /** The view that a list is of, if it is one's own. */
  of(query: string, view: View): SavedView | undefined {
    return query === '' ? undefined : this.#list.find((each) => each.query === query && each.view === view)
  }

  /** Reads names and counts again. */
  async refresh(): Promise<void> {
    const turn = this.#reads.begin()
    try {
      const views = await this.#api.views(turn.signal)
      if (turn.fresh()) this.#list = views
    } catch {
      // Those that are shown stay; the status line says what is wrong.
    }
  }

  /** Something changed that they may count: reads them again, soon, and not at every change of a burst. */
  touch(): void {
    if (this.#soon) return
    this.#soon = true
    setTimeout(() => {
      this.#soon = false
      void this.refresh()
    }, soonMs)
  }

  /** Asks for a name for a filter. */
  ask(query: string, view: View): void {
    this.error = ''
    this.saving = { query, view }
  }

  /** Saves the filter that was asked about; false where the name is not taken. */
  async save(name: string): Promise<boolean> {
    const { saving } = this
    if (!saving) return false
    const saved = await this.#named(() => this.#api.saveView({ name, ...saving }))
    if (!saved) return false
    this.saving = null
    await this.refresh()
    return true
  }

  rename(id: string): void {
    this.error = ''
    this.renaming = id
  }

  /** Gives the view that is being renamed its name; the same or none leaves it. */
  async name(name: string): Promise<void> {
    const id = this.renaming
    const view = this.#list.find((each) => each.id === id)
    if (!view || name.trim() === '' || name.trim() === view.name) {
      this.renaming = ''
      return
    }
    if (!(await this.#named(() => this.#api.changeView(id, { name: name.trim() })))) return
    if (this.renaming === id) this.renaming = ''
    await this.refresh()
  }

  /** Puts a view in another place: painted at once. */
  async move(id: string, to: number): Promise<void> {
    const from = this.#list.findIndex((each) => each.id === id)
    const position = Math.min(this.#list.length - 1, Math.max(0, to))
    if (from < 0 || from === position) return
    this.#reads.cancel()
    const list = [...this.#list]
    const [view] = list.splice(from, 1)
    if (view) list.splice(position, 0, view)
    this.#list = list
    await this.#kept(this.#api.changeView(id, { position }))
  }

  /** Deletes a view: gone at once, and brought back by an undo, in its place. */
  async drop(view: SavedView): Promise<void> {
    const place = this.#list.findIndex((each) => each.id === view.id)
    if (place < 0) return
    this.#reads.cancel()
    this.#list = this.#list.filter((each) => each.id !== view.id)
    const dropped = this.#kept(this.#api.dropView(view.id))
    const { t } = this.#words
    const undo = () => {
      this.#toasts.show({ tone: 'done', text: () => t('toast.undone', { name: view.name }) })
      return dropped.then(() => this.#restore(view, place))
    }
    this.#toasts.show({ tone: 'done', text: () => t('views.dropped', { name: view.name }), undo })
    await dropped
  }

  #restore({ name, query, view }: SavedView, position: number): Promise<boolean> {
    const restored = this.#api.saveView({ name, query, view })
    return this.#kept(restored.then(({ id }) => this.#api.changeView(id, { position })))
  }

  async #named(ask: () => Promise<SavedView>): Promise<boolean> {
    try {
      await ask()
      this.error = ''
      return true
    } catch (err) {
      this.error = (err instanceof ApiError && err.message) || this.#words.t('views.failed')
      return false
    }
  }

  /** Waits for what was asked; where it failed that is said, and the server's word is shown again. */
  async #kept(asked: Promise<unknown>): Promise<boolean> {
    let kept = true
    try {
      await asked
    } catch (err) {
      kept = false
      const reason = err instanceof ApiError ? err.message : ''
      const { t } = this.#words
      this.#toasts.show({
        tone: 'failed',
        text: () => t('toast.failed', { reason: reason || t('status_line.lost') }),
      })
    }
    const refreshed = this.refresh()
    if (kept) await refreshed // what was not kept can be tried again at once
    return kept
  }
}
