import { createContext } from 'svelte'
import type { Words } from './words.svelte'

/** The words of the screen, for any component below the one that sets them. */
export const [useWords, setWords] = createContext<Words>()
