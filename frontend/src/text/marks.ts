import type { Range } from '../api/types'

/** A stretch of a text, marked or not. */
export interface Stretch {
  text: string
  marked: boolean
}

/** Cuts a text at the ranges to mark. Ranges that overlap or lie outside are clipped, never trusted. */
export function stretches(text: string, ranges: Range[]): Stretch[] {
  const cut: Stretch[] = []
  let at = 0
  for (const [start, end] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const from = Math.max(start, at)
    const to = Math.min(end, text.length)
    if (from >= to) continue
    if (from > at) cut.push({ text: text.slice(at, from), marked: false })
    cut.push({ text: text.slice(from, to), marked: true })
    at = to
  }
  if (at < text.length) cut.push({ text: text.slice(at), marked: false })
  return cut
}

/**
 * The part of a long text around its first marked word, with the ranges moved
 * along; `…` stands where something was left out. `size` is in UTF-16 units.
 */
export function excerpt(text: string, ranges: Range[], size = 140): { text: string; ranges: Range[] } {
  const flat = text.replace(/[\r\n\t]/g, ' ')
  const first = ranges.reduce((least, [start]) => Math.min(least, start), ranges.length > 0 ? Infinity : 0)
  let from = first > size / 3 ? Math.floor(first - size / 4) : 0
  const space = from > 0 ? flat.indexOf(' ', from) : -1
  if (space > 0 && space < first) from = space + 1
  if (isLowSurrogate(flat, from)) from++
  let to = Math.min(flat.length, from + size)
  if (isLowSurrogate(flat, to)) to--
  const head = from > 0 ? '…' : ''
  const shift = head.length - from
  const moved = ranges
    .filter(([start, end]) => end > from && start < to)
    .map(([start, end]): Range => [Math.max(start, from) + shift, Math.min(end, to) + shift])
  return { text: head + flat.slice(from, to) + (to < flat.length ? '…' : ''), ranges: moved }
}

function isLowSurrogate(text: string, at: number): boolean {
  const unit = text.charCodeAt(at)
  return at > 0 && unit >= 0xdc00 && unit <= 0xdfff
}
