import type { Api } from '../api/api'
import type { Completion, FoundMessage, FoundPerson, Parsed } from '../api/types'
import { completed, type Edited } from '../text/query'
import { matching, type BoxCommand } from './commands'
import { Completions } from './completions.svelte'
import { Recent } from './recent.svelte'
import { hitKey, newestThread, Search, type Sort } from './search.svelte'

/** One line of the box, as the arrows move over them. */
export type Hit =
  | { kind: 'completion'; item: Completion }
  | { kind: 'recent'; query: string }
  | { kind: 'forget' }
  | { kind: 'person'; person: FoundPerson }
  | { kind: 'message'; message: FoundMessage }
  | { kind: 'more' }
  | { kind: 'filter'; query: string }
  | { kind: 'command'; command: BoxCommand }

/** Lines that go together. */
export interface Group {
  name: 'completions' | 'recent' | 'people' | 'met' | 'messages' | 'commands'
  hits: Hit[]
}

/** What the box does to the screen. */
export interface BoxSurface {
  /** Types something else into the box. */
  edit: (edited: Edited) => void
  open: (thread: string, message: string) => void
  filter: (query: string) => void
  /** Closes the box, and does what was chosen. */
  leave: (run: () => void) => void
  commands: () => BoxCommand[]
}

const completionsMost = 6
const metMost = 5

/** The search box: what it offers for what is typed, and what choosing does. */
export class Box {
  readonly search: Search
  readonly completions: Completions
  #recent: Recent
  #surface: BoxSurface
  // What the lines on screen belong to: they change together, with the answer.
  #shown = $state('')
  #active = $state('')
  #asking: Promise<boolean> = Promise.resolve(false)

  query = $state('')
  within = $state('')
  sort = $state<Sort>('newest')

  constructor(api: Api, surface: BoxSurface) {
    this.#recent = new Recent(api)
    this.search = new Search(api)
    this.completions = new Completions(api)
    this.#surface = surface
  }

  /** What was understood of the last query that was answered. */
  get parsed(): Parsed | null {
    return this.search.found?.parsed ?? null
  }

  /** The query that `parsed` is of. */
  get answered(): string {
    return this.search.found?.query ?? ''
  }

  groups: Group[] = $derived.by(() => {
    const groups: Group[] = []
    const add = (name: Group['name'], hits: Hit[]) => {
      if (hits.length > 0) groups.push({ name, hits })
    }
    const empty = this.#shown.trim() === ''
    const people = this.search.people
      .slice(0, empty ? metMost : undefined)
      .map((person): Hit => ({ kind: 'person', person }))
    const items = this.completions.begun.slice(0, completionsMost).map((item): Hit => ({ kind: 'completion', item }))
    const messages = this.search.messages.map((message): Hit => ({ kind: 'message', message }))
    if (this.search.more) messages.push({ kind: 'more' })
    if (this.#completing) add('completions', items)
    if (empty && !this.within && this.#recent.list.length > 0)
      add('recent', [...this.#recent.list.map((query): Hit => ({ kind: 'recent', query })), { kind: 'forget' }])
    const acts = this.#acts(empty)
    const act = !empty && this.search.guessed && acts[0]?.kind === 'command'
    if (act) add('commands', acts)
    add(empty ? 'met' : 'people', people)
    add('messages', messages)
    if (!act) add('commands', acts)
    return groups
  })

  hits: Hit[] = $derived(this.groups.flatMap((group) => group.hits))

  /** The number of the active line; 0 where the one that was is gone. */
  active: number = $derived(
    Math.max(
      0,
      this.hits.findIndex((hit) => keyOf(hit) === this.#active),
    ),
  )

  /** A value is being completed: that comes before all results. */
  get #completing(): boolean {
    const [item] = this.completions.begun
    return item !== undefined && /[:<>]/.test(this.completions.query.slice(item.start, item.end))
  }

  /** The completion that Tab takes while it is not in the list, or undefined. */
  get hint(): Completion | undefined {
    return this.#completing ? undefined : this.completions.begun[0]
  }

  #acts(empty: boolean): Hit[] {
    const commands = this.within ? [] : this.#surface.commands()
    const found = empty ? commands.filter((each) => each.first) : matching(commands, this.#shown)
    const acts = found.map((command): Hit => ({ kind: 'command', command }))
    return empty || this.within ? acts : [...acts, { kind: 'filter', query: this.#shown }]
  }

  /** Shows what the address says is searched. */
  show(query: string, within: string): void {
    const first = this.search.phase === 'idle'
    if (!first && query === this.query && within === this.within) return
    if (first) this.#recent.read()
    this.query = query
    this.within = within
    this.#ask()
  }

  /** Sorts the messages otherwise. */
  order(sort: Sort): void {
    this.sort = sort
    this.#ask()
  }

  /** Somebody stands at a place of the text. */
  stand(caret: number): void {
    this.completions.ask(this.query, caret)
  }

  close(): void {
    this.search.clear()
    this.completions.clear()
    this.#active = ''
    this.#shown = ''
    this.query = ''
    this.within = ''
  }

  move(by: number): void {
    const { length } = this.hits
    if (length > 0) this.point((this.active + by + length) % length)
  }

  /** Moves by a screenful, and stops at the ends. */
  leap(by: number): void {
    this.point(Math.min(this.hits.length - 1, Math.max(0, this.active + by)))
  }

  point(index: number): void {
    const hit = this.hits[index]
    if (hit) this.#active = keyOf(hit)
  }

  /** Chooses the active line, once what is typed is answered: Enter never opens what an older query found. */
  async enter(): Promise<void> {
    if (this.search.phase === 'looking' && !(await this.#asking)) return
    const hit = this.hits[this.active]
    if (hit) this.choose(hit)
  }

  choose(hit: Hit): void {
    switch (hit.kind) {
      case 'completion':
        this.#surface.edit(completed(this.completions.query, hit.item))
        return
      case 'recent':
        this.#surface.edit({ text: hit.query, caret: hit.query.length })
        return
      case 'forget':
        this.#recent.clear()
        this.#surface.edit({ text: '', caret: 0 }) // typing goes on
        return
      case 'more':
        void this.more()
        return
      case 'filter':
        this.filter()
        return
      case 'command':
        this.#surface.leave(hit.command.run)
        return
      case 'person':
        this.#remember()
        this.#surface.open(newestThread(hit.person), '')
        return
      case 'message':
        this.#remember()
        this.#surface.open(hit.message.thread, hit.message.message)
    }
  }

  /** Takes the completion that is the active line, or else the first of what is typed; false where there is none. */
  complete(): boolean {
    if (this.completions.begun.length === 0) return false
    const hit = this.hits[this.active]
    if (this.active > 0 && hit?.kind === 'completion' && this.completions.query === this.query) {
      this.choose(hit)
      return true
    }
    void this.completions.first().then((item) => {
      if (item) this.choose({ kind: 'completion', item })
    })
    return true
  }

  /** Puts what is typed into the list as its filter. */
  filter(): void {
    const query = this.query.trim()
    if (query === '' || this.within) return
    this.#remember()
    this.#surface.filter(query)
  }

  /** Reads more messages; the first of them is the active line then. */
  async more(): Promise<void> {
    const { length } = this.search.messages
    await this.search.next()
    const first = this.search.messages[length]
    if (first) this.#active = keyOf({ kind: 'message', message: first })
  }

  #ask(): void {
    const { query, within, sort } = this
    this.#asking = this.search.ask({ query, within, sort }).then((answered) => {
      if (answered && this.#shown !== query) {
        this.#shown = query
        this.#active = ''
      }
      return answered
    })
  }

  #remember(): void {
    const query = this.query.trim()
    if (query !== '' && !this.within) this.#recent.add(query)
  }
}

/** Names a line, so that it stays the active one when lines come in around it. */
function keyOf(hit: Hit): string {
  switch (hit.kind) {
    case 'completion':
      return `completion/${hit.item.insert}`
    case 'recent':
      return `recent/${hit.query}`
    case 'person':
      return `person/${hit.person.person}`
    case 'message':
      return `message/${hitKey(hit.message)}`
    case 'command':
      return `command/${hit.command.id}`
    default:
      return hit.kind
  }
}
