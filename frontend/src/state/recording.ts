import { composes, nameOfPress, withAlt, type Press } from './keys'

/** What a press means to who waits for a key to be chosen. */
export type Recorded =
  /** Not taken: Tab goes on, and a key that only goes with others does nothing yet. */
  | { is: 'passed' }
  | { is: 'left' }
  /** The key that is there is to go. */
  | { is: 'dropped' }
  /** The first of two. */
  | { is: 'g' }
  | { is: 'key'; key: string }
  | { is: 'wrong'; kind: 'bad' | 'alt'; key: string }

const beside = ['Shift', 'Control', 'Alt', 'AltGraph', 'Meta', 'CapsLock', 'NumLock', 'OS', 'Fn']

/** Reads a press as the choice of a key, written as the table does. */
export function recorded(press: Press, afterG: boolean): Recorded {
  const { key } = press
  if (key === 'Tab' || beside.includes(key)) return { is: 'passed' }
  if (key === 'Escape') return { is: 'left' }
  if (composes(press)) return { is: 'wrong', kind: 'bad', key }
  if (withAlt(press)) return { is: 'wrong', kind: 'alt', key }
  const name = nameOfPress(press)
  if (name === 'Backspace' || name === 'Delete') return { is: 'dropped' }
  if (name === '') return { is: 'wrong', kind: 'bad', key }
  if (name.startsWith('Mod+')) return { is: 'key', key: name }
  if (afterG) return { is: 'key', key: `g ${name}` }
  return name === 'g' ? { is: 'g' } : { is: 'key', key: name }
}
