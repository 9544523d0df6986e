import { ApiError, type Api } from '../api/api'
import type { Desk } from './desk.svelte'

export type ExportFormat = 'csv' | 'ndjson'

/** Saving the messages of a person, or of one thread of theirs, as a file. */
export class Exporting {
  #api: Api
  #desk: Desk

  /** What is saved is being chosen. */
  shown = $state(false)
  format = $state<ExportFormat>('csv')
  /** All threads of the person, and not only the one that is open. */
  whole = $state(false)
  /** The window asks for a place, or writes. */
  busy = $state(false)

  constructor(desk: Desk) {
    this.#desk = desk
    this.#api = desk.api
  }

  show(): void {
    this.whole = this.#desk.thread.together
    this.shown = this.#desk.thread.row !== null
  }

  /** What a browser downloads. */
  get address(): string {
    const { row } = this.#desk.thread
    return row ? this.#api.exportAddress(row.person, this.format, this.#thread) : ''
  }

  get #thread(): string {
    return this.whole ? '' : this.#desk.thread.id
  }

  /** In the window, which downloads nothing: asks for a place and writes there. */
  async save(): Promise<void> {
    const { row } = this.#desk.thread
    if (!row) return
    await this.#into(async () => {
      const path = await this.#api.saveExport(row.person, this.format, this.#thread)
      this.shown = false
      return path
    })
  }

  /** The same of a chart's table. */
  async figures(address: string): Promise<void> {
    await this.#into(() => this.#api.saveFigures(address))
  }

  /** Has a file saved, and says where. */
  async #into(saved: () => Promise<string>): Promise<void> {
    const { toasts, words } = this.#desk
    if (this.busy) return
    this.busy = true
    try {
      const path = await saved()
      if (path) toasts.show({ tone: 'done', text: () => words.t('export.saved', { path }) })
    } catch (err) {
      const reason = err instanceof ApiError ? err.message : ''
      toasts.show({ tone: 'failed', text: () => reason || words.t('status_line.lost') })
    } finally {
      this.busy = false
    }
  }
}
