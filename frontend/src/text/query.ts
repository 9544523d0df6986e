import type { Completion, Parsed, QueryPart } from '../api/types'

/** A stretch of what is typed, and how it is drawn. */
export interface Stretch {
  text: string
  look: 'plain' | 'filter' | 'problem'
}

/** A text that was edited, and where the caret stands in it. */
export interface Edited {
  text: string
  caret: number
}

/** The query without one of its parts, and without the space that is left over. */
export function without(query: string, part: Pick<QueryPart, 'start' | 'end'>): string {
  const before = query.slice(0, part.start).trimEnd()
  const after = query.slice(part.end).trimStart()
  return before && after ? `${before} ${after}` : before + after
}

/** The parts that say something: of a filter that was not understood the problem speaks. */
export function understood({ parts, problems }: Parsed): QueryPart[] {
  return parts.filter((part) => !problems.some(({ start, end }) => start < part.end && part.start < end))
}

/** The query with something else in place of a stretch of it. */
export function replaced(query: string, { start, end }: Pick<QueryPart, 'start' | 'end'>, text: string): Edited {
  const after = query.slice(end)
  const put = text.endsWith(' ') && after.startsWith(' ') ? text.slice(0, -1) : text
  return { text: query.slice(0, start) + put + after, caret: start + text.length }
}

/** The query with a completion taken. */
export function completed(query: string, item: Completion): Edited {
  return replaced(query, item, item.insert)
}

/**
 * The parts that are still where they were read, though more was typed since:
 * what is drawn of a query holds until the next answer.
 */
export function standing<Part extends { end: number }>(asked: string, query: string, parts: readonly Part[]): Part[] {
  if (asked === query) return [...parts]
  return parts.filter(({ end }) => {
    if (asked.slice(0, end) !== query.slice(0, end)) return false
    const next = query.charAt(end)
    return next === '' || next === ' '
  })
}

/** Cuts a query at its filters and problems, to be drawn behind what is typed. */
export function drawn(asked: string, query: string, parsed: Parsed | null): Stretch[] {
  if (!parsed) return query ? [{ text: query, look: 'plain' }] : []
  const marks = [
    ...parsed.problems.map(({ start, end }) => ({ start, end, look: 'problem' as const })),
    ...parsed.parts
      .filter((part) => part.kind === 'filter')
      .map(({ start, end }) => ({ start, end, look: 'filter' as const })),
  ]
  const cut: Stretch[] = []
  let at = 0
  for (const { start, end, look } of standing(asked, query, marks).sort((a, b) => a.start - b.start)) {
    const to = Math.min(end, query.length)
    if (start < at || to <= start) continue
    if (start > at) cut.push({ text: query.slice(at, start), look: 'plain' })
    cut.push({ text: query.slice(start, to), look })
    at = to
  }
  if (at < query.length) cut.push({ text: query.slice(at), look: 'plain' })
  return cut
}
