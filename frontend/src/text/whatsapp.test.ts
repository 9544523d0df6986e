import { expect, test } from 'vitest'
import { parseMarkup, type Node } from './whatsapp'

/** The nodes written down again, so that a case reads as what is drawn. */
function drawn(nodes: Node[]): string {
  return nodes
    .map((node) => {
      if (node.kind === 'text') return node.text
      if (node.kind === 'link') return `<a ${node.href}>${node.text}</a>`
      if (node.kind === 'code' || node.kind === 'block') return `<${node.kind}>${node.text}</${node.kind}>`
      return `<${node.kind}>${drawn(node.children)}</${node.kind}>`
    })
    .join('')
}

test.each([
  ['hola', 'hola'],
  ['*hola*', '<bold>hola</bold>'],
  ['_hola_ ~hola~', '<italic>hola</italic> <strike>hola</strike>'],
  ['*_hola_ vos*', '<bold><italic>hola</italic> vos</bold>'],
  ['¡*hola*!', '¡<bold>hola</bold>!'],
  ['2 * 3 * 4', '2 * 3 * 4'],
  ['a*b*c', 'a*b*c'],
  ['un_nombre_largo', 'un_nombre_largo'],
  ['* hola*', '* hola*'],
  ['*hola *', '*hola *'],
  ['**', '**'],
  ['*una\ndos*', '*una\ndos*'],
  ['*una *dos*', '<bold>una *dos</bold>'],
  ['`*a*`', '<code>*a*</code>'],
  ['```a\n*b*```', '<block>a\n*b*</block>'],
  ['`sin fin', '`sin fin'],
  ['``', '``'],
  ['*https://a.example/x_y_z*', '<bold><a https://a.example/x_y_z>https://a.example/x_y_z</a></bold>'],
  ['https://a.example/*b*', '<a https://a.example/*b>https://a.example/*b</a>*'],
  ['<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
  ['javascript:alert(1)', 'javascript:alert(1)'],
  ['', ''],
])('%s', (text, want) => {
  expect(drawn(parseMarkup(text))).toBe(want)
})

/** Everything that was written, marks taken away by the nodes alone. */
function letters(nodes: Node[]): string {
  return nodes.map((node) => ('children' in node ? letters(node.children) : node.text)).join('')
}

/** Every piece with where it says it stands. */
function pieces(nodes: Node[]): { text: string; at: number }[] {
  return nodes.flatMap((node) => ('children' in node ? pieces(node.children) : [node]))
}

test('never loses a letter, whatever is written', () => {
  const written = ['*', '_', '~', '`', '```', ' ', '\n', 'a', 'ñ', '🙌', 'https://a.example/', ')', '.', '<b>']
  let seed = 7
  const next = (size: number) => (seed = (seed * 48271) % 2147483647) % size
  for (let round = 0; round < 3000; round++) {
    const text = Array.from({ length: next(14) }, () => written[next(written.length)]).join('')
    const bare = (s: string) => s.replace(/[*_~`]/g, '')
    expect(bare(letters(parseMarkup(text)))).toBe(bare(text))
    for (const piece of pieces(parseMarkup(text))) expect(text.startsWith(piece.text, piece.at)).toBe(true)
  }
})
