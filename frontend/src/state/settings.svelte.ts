import type { Desk } from './desk.svelte'
import type { Place } from './route.svelte'
import { Runs } from './runs.svelte'
import { sections, type Section } from './sections'

/** Coming to the settings, and going back to where they were opened. */
export class SettingsPages {
  #desk: Desk
  #left: Place | null = null

  readonly runs: Runs
  /** The account whose sheet is open, or "". */
  account = $state('')

  constructor(desk: Desk) {
    this.#desk = desk
    this.runs = new Runs(desk.api)
  }

  /** Opens a section; without one the first, or the one that is open. */
  show(section?: Section): void {
    const { place } = this.#desk.route
    this.#desk.drawer = false
    if (place.page === 'inbox') this.#left = { ...place, panel: false, query: null, within: '' }
    section ??= place.page === 'settings' ? place.section : sections[0]
    this.#desk.route.go({
      page: 'settings',
      section,
      thread: '',
      message: '',
      panel: false,
      together: false,
      query: null,
      within: '',
    })
  }

  /** Opens the sheet of an account; "" closes it. */
  showAccount(account: string): void {
    this.#desk.drawer = false
    this.account = account
    if (account) void this.runs.read(account, true)
  }

  /** Something of the accounts has changed. */
  touch(): void {
    if (this.account) void this.runs.read(this.account, false)
  }

  /** Where Escape leads: out of the field that one writes in first. */
  back(): void {
    const field = document.activeElement
    const writing = field?.matches('input:not([type=radio], [type=checkbox]), textarea') ?? false
    if (field instanceof HTMLElement && writing) field.blur()
    else this.leave()
  }

  /** Goes to where the settings were opened, or to the inbox. */
  leave(): void {
    this.#desk.route.go(this.#left ?? { page: 'inbox' })
    this.#left = null
  }
}
