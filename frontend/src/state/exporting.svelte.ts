import { ApiError, type Api } from '../api/api'
import { download } from '../api/download'
import { every, follow } from '../api/follow'
import type { Exported, ExportFormat, ExportRows } from '../api/types'
import type { Desk } from './desk.svelte'

/** Of what a file is: the open thread, all of its person, or what the list shows. */
export type ExportScope = 'thread' | 'person' | 'list'

/** Saving conversations, messages or people as a file. */
export class Exporting {
  #api: Api
  #desk: Desk

  /** What is saved is being chosen, or it is looked on. */
  shown = $state(false)
  scope = $state<ExportScope>('list')
  rows = $state<ExportRows>('messages')
  format = $state<ExportFormat>('xlsx')
  /** The one that is being written, or was last, until another is begun. */
  run = $state.raw<Exported | null>(null)
  /** One is asked for, or written. */
  busy = $state(false)
  /** What went wrong, in the server's words. */
  error = $state('')

  constructor(desk: Desk) {
    this.#desk = desk
    this.#api = desk.api
  }

  /** Begins with what is open; where an export runs, that is shown. */
  show(scope: ExportScope | '' = ''): void {
    this.shown = true
    if (this.busy) return
    this.run = null
    this.error = ''
    const { thread } = this.#desk
    if (!thread.row) this.scope = 'list'
    else this.scope = scope || (thread.together ? 'person' : 'thread')
  }

  /** Of what there is to choose. */
  get scopes(): ExportScope[] {
    const { row, detail } = this.#desk.thread
    if (!row) return ['list']
    return (detail?.person.threads.length ?? 1) > 1 ? ['thread', 'person', 'list'] : ['thread', 'list']
  }

  /** Some of it is not copied. */
  get partly(): boolean {
    const { thread } = this.#desk
    return this.scope !== 'list' && thread.row?.complete === false
  }

  /** Where a browser downloads the checksum of a file that has no place for it. */
  get sumAddress(): string {
    return this.run && (this.format === 'csv' || this.format === 'ndjson') ? this.#api.exportSum(this.run.id) : ''
  }

  /** Begins: the window asks for a place, a browser downloads. */
  async save(): Promise<void> {
    if (this.busy) return
    this.busy = true
    this.error = ''
    try {
      const run = await this.#api.addExport(this.#asked())
      this.run = run
      await (this.#desk.office.state?.native ? this.#intoPlace(run) : this.#download(run))
    } catch (err) {
      this.error = this.#reason(err)
    } finally {
      this.busy = false
    }
  }

  /** Ends it: nothing of it is left. */
  async stop(): Promise<void> {
    if (this.run) await this.#api.dropExport(this.run.id).catch(() => undefined)
  }

  /** A chart's table, in the window, which downloads nothing. */
  async figures(address: string): Promise<void> {
    const { toasts } = this.#desk
    if (this.busy) return
    this.busy = true
    try {
      this.#saved(await this.#api.saveFigures(address))
    } catch (err) {
      const reason = this.#reason(err)
      toasts.show({ tone: 'failed', text: () => reason })
    } finally {
      this.busy = false
    }
  }

  #asked(): Parameters<Api['addExport']>[0] {
    const { thread, route } = this.#desk
    const { format, rows } = this
    if (this.scope === 'list' || !thread.row) {
      const { view, account, filter } = route.place
      return { rows, format, view, account, q: filter }
    }
    const of = { rows: 'messages' as const, format, person: thread.row.person }
    return this.scope === 'thread' ? { ...of, thread: thread.id } : of
  }

  async #intoPlace(run: Exported): Promise<void> {
    const end = follow(
      () => this.#api.exported(run.id),
      (now) => (this.run = now),
    )
    const path = await this.#api.saveExport(run.id).finally(end)
    this.run = null
    if (path === '') return
    this.shown = false
    this.#saved(path)
  }

  async #download(run: Exported): Promise<void> {
    download(this.#api.exportFile(run.id))
    const { state } = await this.#ended(run)
    if (state === 'stopped') this.run = null
    if (state === 'failed') this.error = this.#desk.words.t('export.failed')
    const { toasts, words } = this.#desk
    if (state === 'done' && !this.shown) {
      toasts.show({ tone: 'done', text: () => words.t('export.downloaded', { name: run.name }) })
    }
  }

  /** Asks how far it is until it has ended: of a download nothing else tells. */
  async #ended(run: Exported): Promise<Exported> {
    let now = run
    while (now.state === 'ready' || now.state === 'running') {
      await new Promise((resolve) => setTimeout(resolve, every))
      now = await this.#api.exported(run.id)
      this.run = now
    }
    return now
  }

  #saved(path: string): void {
    const { toasts, words } = this.#desk
    if (path) toasts.show({ tone: 'done', text: () => words.t('export.saved', { path }) })
  }

  #reason(err: unknown): string {
    return (err instanceof ApiError ? err.message : '') || this.#desk.words.t('status_line.lost')
  }
}
