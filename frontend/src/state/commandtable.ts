import file from '../../../internal/keys/commands.json'
import type { View } from '../api/types'
import type { Key } from '../words/words.svelte'

/** What a key can ask for. */
export type Command =
  | 'down'
  | 'up'
  | 'open'
  | 'back'
  | 'next'
  | 'previous'
  | 'search'
  | 'find'
  | 'resolve'
  | 'reopen'
  | 'assign'
  | 'mine'
  | 'unassign'
  | 'snooze'
  | 'note'
  | 'copy_link'
  | 'undo'
  | 'select'
  | 'extend_down'
  | 'extend_up'
  | 'all'
  | `view_${View}`
  | 'tray'
  | 'insights'
  | 'settings'
  | 'help'

/** What kinds of command there are, in the order of the help. */
export const groups = ['move', 'act', 'select', 'go'] as const

/** A line of the table that Go and the screen share: internal/keys says what its parts mean. */
export interface Line {
  id: Command
  group: (typeof groups)[number]
  keys: readonly string[]
  fixed?: readonly string[]
  typing?: boolean
  list?: boolean
}

/** All commands, in the order of the help. */
export const table = file as readonly Line[]

/** The keys that a person chose: null or none switches a command off; who is not named has its own. */
export type Choices = Readonly<Record<string, string | readonly string[] | null>>

/** Why choices cannot be kept. */
export interface Problem {
  kind: 'unknown' | 'bad' | 'browser' | 'taken' | 'many'
  command: string
  key?: string
  /** Of `taken`: the command that has it. */
  other?: string
}

/** How many keys a command may have. */
export const mostKeys = 3

// Browsers and systems keep these to themselves, or people miss them.
const browsers = 'cvxntwqrlphm0123456789+-='

/** The catalogue's key for a command's name. */
export function nameOf(command: Command): Key {
  if (command === 'settings' || command === 'insights') return `${command}.title`
  return command.startsWith('view_')
    ? `view.${command.slice(5) as View}`
    : `help.${command as Exclude<Command, 'settings' | 'insights' | `view_${View}`>}`
}

/** Which view a command goes to, or null. */
export function viewOf(command: Command): View | null {
  return command.startsWith('view_') ? (command.slice(5) as View) : null
}

export function listOf(choice: string | readonly string[] | null | undefined): readonly string[] {
  if (choice === null || choice === undefined) return []
  return typeof choice === 'string' ? [choice] : choice
}

/** The first thing that is wrong with choices, or null; Go holds to the same rules. */
export function problemOf(choices: Choices): Problem | null {
  for (const [command, choice] of Object.entries(choices).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!table.some(({ id }) => id === command)) return { kind: 'unknown', command }
    const keys = listOf(choice)
    if (keys.length > mostKeys) return { kind: 'many', command }
    for (const [i, key] of keys.entries()) {
      const kind = wrong(key)
      if (kind) return { kind, command, key }
      if (keys.indexOf(key) < i) return { kind: 'taken', command, key, other: command }
    }
  }
  return clash(choices)
}

/** A key that two commands have: who chose it is refused, and not who has it anyway. */
function clash(choices: Choices): Problem | null {
  const has = new Map<string, Command>()
  for (const chosen of [false, true]) {
    for (const { id, keys } of table.filter((line) => line.id in choices === chosen)) {
      for (const key of chosen ? listOf(choices[id]) : keys) {
        const other = has.get(key)
        if (other) return { kind: 'taken', command: id, key, other }
        has.set(key, id)
      }
    }
  }
  return null
}

function wrong(key: string): 'bad' | 'browser' | null {
  if (key.startsWith('Mod+')) {
    const letter = key.slice(4)
    if (!single(letter) || letter.toLowerCase() !== letter) return 'bad'
    return browsers.includes(letter) ? 'browser' : null
  }
  if (key === 'g') return 'bad' // begins the others
  return single(key.startsWith('g ') ? key.slice(2) : key) ? null : 'bad'
}

/** Types one thing that is seen. */
function single(key: string): boolean {
  return /^[\p{L}\p{N}\p{P}\p{S}]$/u.test(key)
}

/**
 * Which keys each command has. Where a newer table gives a key that a person
 * has given to another command, the person's stands.
 */
export function keysOf(choices: Choices): ReadonlyMap<Command, readonly string[]> {
  const chosen = new Set(table.flatMap(({ id }) => (id in choices ? listOf(choices[id]) : [])))
  return new Map(
    table.map(({ id, keys }) => [id, id in choices ? listOf(choices[id]) : keys.filter((key) => !chosen.has(key))]),
  )
}
