import { table, type Command, type Line } from './commandtable'

const sequenceMs = 1500

/** What is pressed, as much of a KeyboardEvent as is looked at. */
export type Press = Pick<
  KeyboardEvent,
  'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey' | 'isComposing' | 'timeStamp'
> & {
  getModifierState: (name: string) => boolean
}

/** Where it is pressed. */
export interface Focus {
  /** In something one types in: no single key fires. */
  typing: boolean
  /** Arrows and Enter belong to the list: it has the focus, or nothing has. */
  list: boolean
  /** A dialog is over the screen: only what holds while typing holds. */
  over: boolean
}

/** Which keys ask for what. */
export interface Bound {
  keys: ReadonlyMap<Command, readonly string[]>
  /** Keys by themselves, and those after g, do anything at all. */
  singles: boolean
}

/** Whether a press types nothing of its own yet: during composition, or an accent that waits for its letter. */
export function composes(press: Press): boolean {
  return press.isComposing || press.key === 'Dead' || press.key === 'Process'
}

/** With AltGr or Alt a key types another sign, or is the system's. */
export function withAlt(press: Press): boolean {
  return press.altKey || press.getModifierState('AltGraph')
}

/**
 * What a press is called in the table. By what it types and not by where the
 * key is, so that `/` works where it is Shift 7; Caps Lock makes no capital.
 */
export function nameOfPress(press: Press): string {
  const { key, shiftKey } = press
  if (press.ctrlKey || press.metaKey) return shiftKey ? '' : `Mod+${key.toLowerCase()}`
  if ([...key].length > 1) return shiftKey ? `Shift+${key}` : key
  const small = key.toLowerCase()
  return small === key.toUpperCase() ? key : shiftKey ? key.toUpperCase() : small
}

/**
 * Reads keys. Single keys never fire while typing, with AltGr, Ctrl, Alt or
 * Meta, or during composition: ñ, á and @ must always type.
 */
export class Keys {
  #bound: () => Bound
  #g = -Infinity

  constructor(bound: () => Bound) {
    this.#bound = bound
  }

  read(press: Press, focus: Focus): Command | null {
    if (composes(press)) return null
    const afterG = press.timeStamp - this.#g < sequenceMs
    this.#g = -Infinity
    if (withAlt(press)) return null
    const name = nameOfPress(press)
    const { keys, singles } = this.#bound()
    const line = (has: (line: Line) => boolean): Command | null =>
      table.find((each) => has(each) && holds(each, name, focus))?.id ?? null
    const named = (wanted: string) => line(({ id }) => keys.get(id)?.includes(wanted) ?? false)

    if (name.startsWith('Mod+')) return named(name)
    const fixed = line((each) => each.fixed?.includes(name) ?? false)
    if (fixed || !singles || focus.typing || focus.over) return fixed
    const second = afterG ? named(`g ${name}`) : null
    if (second) return second
    if (name === 'g') {
      this.#g = press.timeStamp
      return null
    }
    return named(name)
  }
}

/** Whether a command's key holds where the focus is. Escape goes back from anywhere but a dialog, which closes itself. */
function holds({ fixed, typing, list }: Line, name: string, focus: Focus): boolean {
  if (name === 'Escape') return !focus.over
  if (fixed?.includes(name)) return focus.list && !focus.typing && !focus.over
  if (list && !focus.list) return false
  return typing === true || (!focus.typing && !focus.over)
}

const typed = 'input, textarea, select, [contenteditable]:not([contenteditable="false"])'

/** Where the focus is, for Keys. */
export function focusOf(target: EventTarget | null): Focus {
  const element = target instanceof Element ? target : null
  return {
    typing: element?.closest(typed) != null,
    list: element === null || element === document.body || element.closest('[role=listbox]') !== null,
    over: document.querySelector('dialog[open]') !== null,
  }
}
