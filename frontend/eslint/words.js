// A rule of our own: what people read comes from the catalogue
// (internal/words), never from a component.

const letters = /\p{L}/u

// Attributes, and props of components, that people read or hear.
const read = new Set([
  'aria-label',
  'aria-description',
  'aria-placeholder',
  'aria-roledescription',
  'aria-valuetext',
  'title',
  'placeholder',
  'alt',
  'label',
  'legend',
  'hint',
  'text',
  'heading',
])

// Names of things, alike in every language.
const names = new Set(['Bandeja', 'Waspy', 'Plática', 'WhatsApp'])

// What is pressed or typed stands as it is.
const verbatim = new Set(['kbd', 'code', 'style', 'script'])

const keys = /^((Ctrl|Alt|Shift|Enter|Esc)( |$))+$/

const loose = (text) => letters.test(text) && !names.has(text.trim()) && !keys.test(text.trim())

/** The strings that an expression may come to, as far as they are written in it. */
function* stringsOf(node) {
  switch (node?.type) {
    case 'Literal':
      if (typeof node.value === 'string') yield [node, node.value]
      break
    case 'TemplateLiteral':
      for (const quasi of node.quasis) yield [quasi, quasi.value.cooked ?? '']
      break
    case 'ConditionalExpression':
      yield* stringsOf(node.consequent)
      yield* stringsOf(node.alternate)
      break
    case 'LogicalExpression':
      yield* stringsOf(node.left)
      yield* stringsOf(node.right)
      break
    case 'BinaryExpression':
      if (node.operator !== '+') break
      yield* stringsOf(node.left)
      yield* stringsOf(node.right)
      break
    case 'ArrowFunctionExpression':
      yield* stringsOf(node.body)
      break
    case 'TSAsExpression':
      yield* stringsOf(node.expression)
  }
}

const nameOf = (node) => (node?.type === 'Identifier' ? node.name : node?.type === 'Literal' ? String(node.value) : '')
const elementOf = (node) => {
  for (let at = node.parent; at; at = at.parent) if (at.type === 'SvelteElement') return at.name?.name ?? ''
  return ''
}

/** No sentence outside the catalogue. */
export const catalogue = {
  meta: {
    type: 'problem',
    docs: { description: 'what people read comes from the catalogue' },
    messages: { loose: '“{{text}}” is read by people: take it from the catalogue, internal/words.' },
    schema: [],
  },
  create(context) {
    const report = (node, text) => context.report({ node, messageId: 'loose', data: { text: text.trim() } })
    const check = (expression) => {
      for (const [node, text] of stringsOf(expression)) if (loose(text)) report(node, text)
    }
    return {
      SvelteText(node) {
        if (verbatim.has(elementOf(node)) || /^Svelte(Style|Script)Element$/.test(node.parent.type)) return
        if (loose(node.value)) report(node, node.value)
      },
      SvelteMustacheTag(node) {
        const { parent } = node
        if (parent.type === 'SvelteAttribute') {
          if (read.has(parent.key.name)) check(node.expression)
        } else if (
          !verbatim.has(elementOf(node)) &&
          !/^Svelte(Directive|StyleDirective|SpecialDirective)$/.test(parent.type)
        )
          check(node.expression)
      },
      SvelteAttribute(node) {
        if (!read.has(node.key.name)) return
        for (const part of node.value) if (part.type === 'SvelteLiteral' && loose(part.value)) report(part, part.value)
      },
      // { text: 'Hecho' }, as toasts and menus take it.
      Property(node) {
        if (['text', 'label', 'title'].includes(nameOf(node.key))) check(node.value)
      },
      AssignmentExpression(node) {
        if (['textContent', 'innerText', 'title', 'ariaLabel'].includes(nameOf(node.left.property))) check(node.right)
      },
      'NewExpression[callee.name="Notification"]'(node) {
        check(node.arguments[0])
      },
      'CallExpression[callee.name=/^(alert|confirm|prompt)$/]'(node) {
        check(node.arguments[0])
      },
    }
  },
}
