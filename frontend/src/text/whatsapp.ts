import { findLinks, type FoundLink } from './links'

/** A piece of a message as WhatsApp would draw it; `at` is where it stands in the message. */
export type Node =
  | { kind: 'text'; text: string; at: number }
  | { kind: 'bold'; children: Node[] }
  | { kind: 'italic'; children: Node[] }
  | { kind: 'strike'; children: Node[] }
  | { kind: 'code'; text: string; at: number }
  | { kind: 'block'; text: string; at: number }
  | { kind: 'link'; text: string; href: string; at: number }

const marks = { '*': 'bold', _: 'italic', '~': 'strike' } as const
type Mark = keyof typeof marks

const word = /[\p{L}\p{N}]/u
const space = /\s/u

/**
 * Reads WhatsApp's marks: `*bold*`, `_italic_`, `~strike~`, `` `code` `` and
 * fenced blocks, and links. A mark counts only at the edge of a word and with
 * no space inside its edge, on one line, as in WhatsApp; anything else is the
 * letter it looks like. The text that was written is never lost.
 */
export function parseMarkup(text: string): Node[] {
  return parse(text, 0, text.length, findLinks(text))
}

function parse(text: string, from: number, to: number, links: FoundLink[]): Node[] {
  const nodes: Node[] = []
  let plain = from
  const push = (end: number, node: Node | null, next: number) => {
    if (end > plain) nodes.push({ kind: 'text', text: text.slice(plain, end), at: plain })
    if (node) nodes.push(node)
    plain = next
  }
  let at = from
  while (at < to) {
    const piece = pieceAt(text, at, to, links)
    if (piece) {
      push(at, piece.node, piece.end)
      at = piece.end
    } else at++
  }
  push(to, null, to)
  return nodes
}

function pieceAt(text: string, at: number, to: number, links: FoundLink[]): { node: Node; end: number } | null {
  const link = links.find((each) => each.start === at && each.end <= to)
  if (link) {
    const node: Node = { kind: 'link', text: text.slice(link.start, link.end), href: link.href, at: link.start }
    return { node, end: link.end }
  }
  const letter = text[at] as string
  if (letter === '`') return codeAt(text, at, to)
  if (!(letter in marks)) return null
  const end = closing(text, at, to, letter, links)
  if (end < 0) return null
  const children = parse(text, at + 1, end, links)
  return { node: { kind: marks[letter as Mark], children }, end: end + 1 }
}

function codeAt(text: string, at: number, to: number): { node: Node; end: number } | null {
  const fence = text.startsWith('```', at) ? '```' : '`'
  const end = text.indexOf(fence, at + fence.length)
  if (end < 0 || end + fence.length > to) return null
  const inside = text.slice(at + fence.length, end)
  if (inside.trim() === '' || (fence === '`' && inside.includes('\n'))) return null
  const node: Node = { kind: fence === '`' ? 'code' : 'block', text: inside, at: at + fence.length }
  return { node, end: end + fence.length }
}

function closing(text: string, at: number, to: number, mark: string, links: FoundLink[]): number {
  const before = text[at - 1]
  const after = text[at + 1]
  if ((before !== undefined && word.test(before)) || after === undefined || space.test(after) || after === mark)
    return -1
  for (let end = at + 2; end < to; end++) {
    if (text[end] === '\n') return -1
    if (text[end] !== mark || space.test(text[end - 1] as string)) continue
    if (links.some((link) => link.start <= end && end < link.end)) continue
    const next = text[end + 1]
    if (next === undefined || !word.test(next)) return end
  }
  return -1
}
