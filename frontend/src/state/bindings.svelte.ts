import type { Words } from '../words/words.svelte'
import {
  keysOf,
  listOf,
  mostKeys,
  nameOf,
  problemOf,
  table,
  type Choices,
  type Command,
  type Problem,
} from './commandtable'
import type { Bound } from './keys'

/** What is kept of a person's keys. */
export interface KeySettings {
  keys: Choices
  single_keys: boolean
}

/** Which keys do what, how they are shown, and choosing others. */
export class Bindings {
  #kept: () => KeySettings
  #mac: () => boolean
  #save: (kept: Partial<KeySettings>) => void
  #keys = $derived.by(() => keysOf(this.#kept().keys))

  /** @param kept is what the server keeps; @param save paints and keeps what is chosen. */
  constructor(kept: () => KeySettings, mac: () => boolean, save: (kept: Partial<KeySettings>) => void) {
    this.#kept = kept
    this.#mac = mac
    this.#save = save
  }

  /** For the reader of keys. */
  get bound(): Bound {
    return { keys: this.#keys, singles: this.singles }
  }

  /** Keys by themselves do something. */
  get singles(): boolean {
    return this.#kept().single_keys
  }

  set singles(on: boolean) {
    this.#save({ single_keys: on })
  }

  /** Whether anything is not as it is for who chose nothing. */
  get changed(): boolean {
    return Object.keys(this.#kept().keys).length > 0
  }

  /** The keys that a person may choose others for, as the table writes them. */
  chosen(command: Command): readonly string[] {
    return this.#keys.get(command) ?? []
  }

  isOwn(command: Command): boolean {
    return !(command in this.#kept().keys)
  }

  /** The keys that work now, as people read them: `z`, `Ctrl Z`. */
  all(command: Command): string[] {
    const { fixed = [] } = table.find(({ id }) => id === command) ?? {}
    const works = this.chosen(command).filter((key) => this.singles || key.startsWith('Mod+'))
    return [...works, ...fixed].map((key) => this.show(key))
  }

  /** The first of them, for a hint; "" where there is none. */
  hint(command: Command): string {
    return this.all(command)[0] ?? ''
  }

  /** What a screen reader is told of a button that does the same; keys one after the other cannot be said there. */
  aria(command: Command): string | undefined {
    const said = this.chosen(command)
      .filter((key) => key.startsWith('Mod+') || (this.singles && !key.startsWith('g ')))
      .map((key) => key.replace('Mod+', this.#mac() ? 'Meta+' : 'Control+'))
    return said.length > 0 ? said.join(' ') : undefined
  }

  /** A key as people read it. */
  show(key: string): string {
    if (key.startsWith('Mod+')) return `${this.#mac() ? '⌘' : 'Ctrl'} ${key.slice(4).toUpperCase()}`
    if (key.startsWith('Shift+')) return `⇧ ${this.show(key.slice(6))}`
    const named: Record<string, string> = { ArrowDown: '↓', ArrowUp: '↑', Escape: 'Esc' }
    if (Object.hasOwn(named, key)) return named[key] ?? key
    return key.replace(/\p{Lu}$/u, (letter) => `⇧ ${letter}`)
  }

  /** What a button that does the same says of itself, with its key: `Posponer (S)`. */
  title(label: string, command: Command): string {
    const hint = this.hint(command)
    return hint ? `${label} (${hint})` : label
  }

  /** Gives a command other keys: null its own again, none switches it off. What is wrong with that is answered, and nothing done. */
  choose(command: Command, keys: readonly string[] | null): Problem | null {
    return this.#choose(new Map([[command, keys]]))
  }

  /** As choose, where another command has one of the keys: that one loses it. What was chosen before is answered, for restore; null where it cannot be. */
  take(command: Command, keys: readonly string[], from: Command): Choices | null {
    const left = this.chosen(from).filter((key) => !keys.includes(key))
    const before = this.#kept().keys
    const wanted: [Command, readonly string[]][] = [
      [command, keys],
      [from, left],
    ]
    return this.#choose(new Map(wanted)) ? null : before
  }

  #choose(changed: ReadonlyMap<Command, readonly string[] | null>): Problem | null {
    const choices: Record<string, readonly string[]> = {}
    for (const { id, keys: own } of table) {
      const chosen = this.isOwn(id) ? own : listOf(this.#kept().keys[id])
      const wanted = changed.has(id) ? (changed.get(id) ?? own) : chosen
      if (wanted.join() !== own.join()) choices[id] = wanted
    }
    const problem = problemOf(choices)
    if (!problem) this.#save({ keys: choices })
    return problem
  }

  /** Why keys cannot be chosen, for the person. */
  say({ kind, key = '', other = '' }: Problem, t: Words['t']): string {
    const owner = table.find(({ id }) => id === other)
    const args = { key: this.show(key), other: owner ? t(nameOf(owner.id)) : '', count: mostKeys }
    return t(`key_problem.${kind === 'unknown' ? 'bad' : kind}`, args)
  }

  /** Every command has its own keys again; what was chosen is answered. */
  reset(): Choices {
    const before = this.#kept().keys
    this.#save({ keys: {} })
    return before
  }

  /** Chooses again what reset answered. */
  restore(choices: Choices): void {
    this.#save({ keys: choices })
  }
}
