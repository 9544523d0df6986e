import { views, type View } from '../api/types'

/** What a key asks for. */
export type Command =
  | { do: 'down' | 'up' | 'open' | 'back' | 'search' | 'next' | 'previous' | 'help' | 'tray' | 'settings' }
  | { do: 'resolve' | 'reopen' | 'assign' | 'mine' | 'unassign' | 'snooze' | 'undo' }
  | { do: 'note' }
  | { do: 'select' | 'all' | 'extend_down' | 'extend_up' }
  | { do: 'view'; view: View }

/** The single keys, as the help shows them. Read by `key`, so `/` works where it is Shift 7. */
const single: Record<string, Command['do'] & string> = {
  j: 'down',
  k: 'up',
  '/': 'search',
  '[': 'previous',
  ']': 'next',
  '?': 'help',
  e: 'resolve',
  o: 'reopen',
  a: 'assign',
  m: 'mine',
  u: 'unassign',
  s: 'snooze',
  x: 'select',
  n: 'note',
  z: 'undo',
}

/** The second key of `g …`. */
export const viewKeys: Record<View, string> = {
  inbox: 'i',
  needs_reply: 'r',
  mine: 'm',
  unassigned: 'u',
  expiring: 'e',
  snoozed: 'z',
  all: 'a',
  spam: 's',
}

/** The second key of `g …` for the tray of changes. */
export const trayKey = 't'

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
}

/**
 * Reads keys. Single keys never fire while typing, with AltGr, Ctrl, Alt or
 * Meta, or during composition: ñ, á and @ must always type.
 */
export class Keys {
  #g = -Infinity

  read(press: Press, focus: Focus): Command | null {
    if (press.isComposing || press.key === 'Dead' || press.key === 'Process') return null
    const afterG = press.timeStamp - this.#g < sequenceMs
    this.#g = -Infinity
    const altGr = press.getModifierState('AltGraph')
    if (press.altKey || altGr) return null
    if (press.ctrlKey || press.metaKey) return withCtrl(press, focus)
    if (press.key === 'Escape') return { do: 'back' }
    if (focus.typing) return null
    if (focus.list) {
      if (press.key === 'ArrowDown') return { do: press.shiftKey ? 'extend_down' : 'down' }
      if (press.key === 'ArrowUp') return { do: press.shiftKey ? 'extend_up' : 'up' }
      if (press.key === 'Enter') return { do: 'open' }
    }
    if (afterG) {
      const view = views.find((each) => viewKeys[each] === press.key)
      if (view) return { do: 'view', view }
      if (press.key === trayKey) return { do: 'tray' }
    }
    if (press.key === 'g') {
      this.#g = press.timeStamp
      return null
    }
    const found = Object.hasOwn(single, press.key) ? single[press.key] : undefined
    return found ? ({ do: found } as Command) : null
  }
}

/** What one types in keeps its own Ctrl Z and Ctrl A. */
function withCtrl(press: Press, focus: Focus): Command | null {
  if (press.shiftKey) return null
  const key = press.key.toLowerCase()
  if (key === 'k') return { do: 'search' }
  if (key === ',') return { do: 'settings' }
  if (focus.typing) return null
  if (key === 'z') return { do: 'undo' }
  return key === 'a' && focus.list ? { do: 'all' } : null
}

const typed = 'input, textarea, select, [contenteditable]:not([contenteditable="false"])'

/** Where the focus is, for Keys. */
export function focusOf(target: EventTarget | null): Focus {
  const element = target instanceof Element ? target : null
  return {
    typing: element?.closest(typed) != null,
    list: element === null || element === document.body || element.closest('[role=listbox]') !== null,
  }
}
