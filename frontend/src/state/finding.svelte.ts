import { sorts, views, type Density, type SavedView, type Sort, type Theme, type View } from '../api/types'
import { ownSort } from './sort'
import { Box } from './box.svelte'
import type { BoxCommand } from './commands'
import type { Command } from './commandtable'
import type { Desk } from './desk.svelte'
import { without, type Edited } from '../text/query'
import { SavedViews } from './views.svelte'

const themes: readonly Theme[] = ['system', 'light', 'dark']
const densities: readonly Density[] = ['comfortable', 'compact']

/** Finding anyone: the search box, the list's filter, and the views that keep one. */
export class Finding {
  #desk: Desk
  readonly box: Box
  readonly views: SavedViews
  /** What is selected after the text was edited for the person: as a rule nothing, where the caret goes. */
  caret = $state.raw<{ from: number; at: number } | null>(null)
  /** What lacks was asked for, since the box was opened or the list shown. */
  fetching = $state(false)
  // The view that was shown before a filter was put over it.
  #before: { view: View; account: string } | null = null

  constructor(desk: Desk) {
    this.#desk = desk
    this.views = new SavedViews(desk.api, desk.toasts, desk.words)
    this.box = new Box(desk.api, {
      edit: (edited) => this.edit(edited),
      open: (thread, message) => desk.openFound(thread, message),
      filter: (query) => this.narrow(query),
      leave: (run) => {
        desk.route.replace({ query: null, within: '' })
        run()
      },
      commands: () => this.#commands,
    })
  }

  /** Opens the box: on everything, or within a thread or a person. With a filter it begins with that. */
  open(within = '', words = ''): void {
    const { route } = this.#desk
    if (route.place.query !== null) return
    this.fetching = false
    const query = within ? words : route.place.filter
    // The next letter begins anew, and an arrow goes on with it.
    this.caret = { from: 0, at: query.length }
    route.go({ query, within, panel: false })
  }

  /** Typing. */
  type(query: string): void {
    this.#desk.route.type({ query })
  }

  edit({ text, caret }: Edited): void {
    this.type(text)
    this.caret = { from: caret, at: caret }
  }

  /** The platforms brought something, or more is indexed: what is searched and what is narrowed is asked again. */
  again(): void {
    const { place } = this.#desk.route
    if (place.query !== null) void this.box.search.again()
    if (place.filter) void this.#desk.inbox.touch()
  }

  /** Searches everywhere again. */
  widen(): void {
    this.#desk.route.replace({ within: '' })
    const { length } = this.box.query
    this.caret = { from: length, at: length }
  }

  /** Narrows the list by a query, over all that there is. */
  narrow(query: string): void {
    const { route } = this.#desk
    const { view, account, filter } = route.place
    if (filter === '') this.#before = { view, account }
    this.#go({ view: filter === '' ? 'all' : view, account, filter: query }, 'replace')
  }

  /** Takes a part out of the filter; the last one ends it. */
  loosen(part: { start: number; end: number }): void {
    const { place } = this.#desk.route
    const filter = without(place.filter, part)
    if (filter === '') this.clear()
    else this.#go({ view: place.view, account: place.account, filter }, 'go')
  }

  /** Ends the filter: back to the view that it was put over. */
  clear(): void {
    const { view, account } = this.#before ?? this.#desk.route.place
    this.#before = null
    this.#go({ view, account, filter: '' }, 'go')
  }

  show({ view, query }: SavedView): void {
    this.#before = null
    this.#desk.drawer = false
    this.#go({ view, account: '', filter: query, sort: '' }, 'go')
  }

  /** Asks for what is not here yet of what is searched. */
  async fetch(): Promise<void> {
    const { query, within, account } = this.#desk.route.place
    const of = within.startsWith('p_') ? { person: within } : within ? { thread: within } : {}
    this.fetching = true
    this.fetching = await this.#fetch(query === null && account ? { account } : of)
  }

  /** Asks for what is not here yet of the thread that is open. */
  async fetchThread(): Promise<void> {
    const { id } = this.#desk.thread
    if (id) await this.#fetch({ thread: id })
  }

  async #fetch(of: Parameters<Desk['api']['fetch']>[0]): Promise<boolean> {
    const asked = this.#desk.api.fetch(of).then(() => true)
    return asked.catch(() => this.#desk.office.refresh().then(() => false))
  }

  /** Sorts the list that is shown; the view's own sort is none. */
  sort(sort: Sort): void {
    this.#desk.route.go({ sort: sort === ownSort(this.#desk.route.place.view) ? '' : sort })
  }

  #go(to: { view: View; account: string; filter: string; sort?: Sort }, how: 'go' | 'replace'): void {
    this.fetching = false
    this.#desk.route[how]({ page: 'inbox', thread: '', message: '', panel: false, query: null, within: '', ...to })
  }

  #commands: BoxCommand[] = $derived.by(() => {
    const desk = this.#desk
    const { t } = desk.words
    const shown = views.map((view): BoxCommand => {
      const run = () => desk.showView(view, '')
      return {
        id: `view/${view}`,
        kind: t('box.view'),
        label: t(`view.${view}`),
        keys: desk.keys.hint(`view_${view}`),
        first: true,
        run,
      }
    })
    const saved = this.views.list.map((view): BoxCommand => {
      const run = () => this.show(view)
      return { id: `saved/${view.id}`, kind: t('box.view'), label: view.name, keys: '', first: true, run }
    })
    const accounts = desk.office.accounts.map(({ name }): BoxCommand => {
      const run = () => desk.showView('all', name)
      return { id: `account/${name}`, kind: t('box.account'), label: name, keys: '', first: false, run }
    })
    const themed = themes.map((theme): BoxCommand => {
      const run = () => void desk.office.choose({ theme })
      return {
        id: `theme/${theme}`,
        kind: t('settings.theme'),
        label: t(`theme.${theme}`),
        keys: '',
        first: false,
        run,
      }
    })
    const spaced = densities.map((density): BoxCommand => {
      const run = () => void desk.office.choose({ density })
      return {
        id: `density/${density}`,
        kind: t('settings.density'),
        label: t(`density.${density}`),
        keys: '',
        first: false,
        run,
      }
    })
    const act = (id: string, label: string, key: Command | null, run: () => void): BoxCommand => {
      return { id, kind: '', label, keys: key ? desk.keys.hint(key) : '', first: false, run }
    }
    const sorted = sorts.map((sort): BoxCommand => {
      const run = () => this.sort(sort)
      return {
        id: `sort/${sort}`,
        kind: t('list_sort.title'),
        label: t(`list_sort.${sort}`),
        keys: '',
        first: false,
        run,
      }
    })
    return [
      ...saved,
      ...shown,
      ...accounts,
      ...sorted,
      act('note', t('help.note'), 'note', () => desk.keying.run('note')),
      ...(desk.thread.row
        ? [
            act('copy_link', t('help.copy_link'), 'copy_link', () => desk.keying.run('copy_link')),
            act('date', t('date.command'), null, () => desk.dates.show()),
          ]
        : []),
      act('export', t('export.command'), null, () => desk.exporting.show()),
      act('tray', t('tray.title'), 'tray', () => desk.showTray()),
      act('insights', t('insights.title'), 'insights', () => desk.showInsights()),
      act('sync', t('status_line.sync'), null, () => void desk.office.sync()),
      act('connect', t('connect.title'), null, () => desk.showConnect('waspy')),
      act('settings', t('settings.title'), 'settings', () => desk.settings.show()),
      act('help', t('help.title'), 'help', () => (desk.help = true)),
      ...themed,
      ...spaced,
    ]
  })
}
