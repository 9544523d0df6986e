import type { Desk } from './desk.svelte'
import { OneAccount } from './oneaccount'
import type { Place } from './place'
import { sections, type Section } from './sections'

/** Coming to the settings, and going back to where they were opened. */
export class SettingsPages {
  #desk: Desk
  #left: Place | null = null

  /** The account whose page is open; null where none is, or where it is not there. */
  account = $state.raw<OneAccount | null>(null)

  constructor(desk: Desk) {
    this.#desk = desk
  }

  /**
   * Opens a section, and of what it lists the one of a name; without a section
   * the first, or the one that is open.
   */
  show(section?: Section, detail = ''): void {
    const { place } = this.#desk.route
    this.#desk.drawer = false
    if (place.page === 'inbox') this.#left = { ...place, panel: false, query: null, within: '' }
    section ??= place.page === 'settings' ? place.section : sections[0]
    this.#desk.route.go({
      page: 'settings',
      section,
      detail,
      thread: '',
      message: '',
      panel: false,
      together: false,
      query: null,
      within: '',
    })
  }

  /** The screen has come to a place: what is filled in on a page stays while it is open. */
  arrive({ page, section, detail }: Place): void {
    if (page === 'settings' && section === 'people') {
      for (const { name } of this.#desk.office.accounts) void this.#desk.agents.load(name)
    }
    const name = page === 'settings' && section === 'accounts' ? detail : ''
    if (name !== '' && name === this.account?.name) return
    const account = this.#desk.office.accounts.find((each) => each.name === name)
    this.account = account ? new OneAccount(this.#desk.api, account) : null
  }

  /** Something of the accounts has changed. */
  touch(): void {
    if (this.account) void this.account.runs.read(this.account.name, false)
  }

  /** Removes the account whose page is open, as was asked, and goes to those that are left. */
  async remove(): Promise<void> {
    const { account } = this
    if (!account || !(await account.removing.accept())) return
    const { words, toasts, route, office } = this.#desk
    toasts.show({ tone: 'done', text: () => words.t('remove.done', { name: account.name }) })
    await office.refresh()
    if (this.account === account) route.replace({ detail: '' })
  }

  /** Where Escape leads: out of the field that one writes in, out of a page of the section, out of the settings. */
  back(): void {
    const field = document.activeElement
    const writing = field?.matches('input:not([type=radio], [type=checkbox]), textarea') ?? false
    if (field instanceof HTMLElement && writing) field.blur()
    else if (this.#desk.route.place.detail !== '') this.show(undefined)
    else this.leave()
  }

  /** Goes to where the settings were opened, or to the inbox. */
  leave(): void {
    this.#desk.route.go(this.#left ?? { page: 'inbox' })
    this.#left = null
  }
}
