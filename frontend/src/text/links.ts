const schemes = new Set(['https:', 'http:', 'mailto:', 'tel:'])

/**
 * The address to open for what a message calls a link, or null for one of a
 * scheme that is never opened (DESIGN §8).
 */
export function safeLink(text: string): string | null {
  try {
    const url = new URL(text)
    return schemes.has(url.protocol) ? url.href : null
  } catch {
    return null
  }
}

/** Where a link stands in a text. */
export interface FoundLink {
  start: number
  end: number
  href: string
}

const candidate = /(?:https?:\/\/|mailto:|tel:)[^\s<>"“”«»]+/giu
const trailing = /[.,;:!?'*_~`…]+$/u

/** The links of a text, in order. Closing punctuation is the sentence's, not the link's. */
export function findLinks(text: string): FoundLink[] {
  const found: FoundLink[] = []
  for (const match of text.matchAll(candidate)) {
    const shown = trimEnd(match[0])
    const href = safeLink(shown)
    if (href) found.push({ start: match.index, end: match.index + shown.length, href })
  }
  return found
}

function trimEnd(link: string): string {
  let rest = link
  for (;;) {
    let next = rest.replace(trailing, '')
    if (next.endsWith(')') && !balanced(next)) next = next.slice(0, -1)
    if (next === rest) return rest
    rest = next
  }
}

function balanced(link: string): boolean {
  return link.split('(').length >= link.split(')').length
}
