import { fold } from './menu'

/** What can be done from the search box besides opening what was found. */
export interface BoxCommand {
  id: string
  /** What it is, as what kind of thing it goes under: `Vista`, `Cuenta`; "" for an act. */
  kind: string
  label: string
  /** The key that does the same elsewhere, or "". */
  keys: string
  /** Shown before anything is typed. */
  first: boolean
  run: () => void
}

/**
 * The commands whose words begin with all that is typed, each typed word
 * another one; those that begin with it come first. Fewer than two letters
 * choose nothing.
 */
export function matching(commands: readonly BoxCommand[], query: string, most = 6): BoxCommand[] {
  const typed = wordsOf(query)
  if (typed.join('').length < 2) return []
  const found = commands.filter(({ label }) => {
    const words = wordsOf(label)
    return typed.every((each) => {
      const at = words.findIndex((word) => word.startsWith(each))
      return at >= 0 && words.splice(at, 1).length > 0
    })
  })
  const begins = (label: string) => fold(label).startsWith(fold(query.trim()))
  return found.sort((a, b) => Number(begins(b.label)) - Number(begins(a.label))).slice(0, most)
}

function wordsOf(text: string): string[] {
  return fold(text)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
}
