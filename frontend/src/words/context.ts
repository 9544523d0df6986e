import { createContext } from 'svelte'
import type { Bindings } from '../state/bindings.svelte'
import type { Words } from './words.svelte'

/** The words of the screen, for any component below the one that sets them. */
export const [useWords, setWords] = createContext<Words>()

/** Which keys do what, for hints. */
export const [useKeys, setKeys] = createContext<Bindings>()
