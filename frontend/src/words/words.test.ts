import { parse } from 'svelte/compiler'
import { describe, expect, test } from 'vitest'
import esAR from '../../../internal/words/es-AR.json'
import { guessLanguage, languages, Words } from './words.svelte'

const raw = import.meta.glob<string>(['../**/*.svelte', '../**/*.ts', '!../**/*.test.ts'], {
  query: '?raw',
  import: 'default',
  eager: true,
})

test('a sentence takes its arguments, its plural and the language’s numbers', () => {
  const words = new Words('es-AR')
  expect(words.t('account.reading', { done: 310, total: 1240 })).toBe('leyendo mensajes: 310 de 1.240')
  expect(words.t('account.listing', { count: 1 })).toBe('listando: 1 chat')
  expect(words.t('account.listing', { count: 1_000_000 })).toBe('listando: 1.000.000 chats')
  words.lang = 'es-MX'
  expect(words.t('account.reading', { done: 310, total: 1240 })).toBe('leyendo mensajes: 310 de 1,240')
  expect(words.t('help.typing')).toBe('Las teclas sueltas no actúan mientras escribes.')
  expect(words.t('view.inbox')).toBe('Bandeja de entrada')
  words.lang = 'en'
  expect(words.list(['Mari G.', 'María'])).toBe('“Mari G.” and “María”')
  expect(words.find('reason', 'same_line')).toBe('One person: it is the same line.')
  expect(words.find('reason', 'another')).toBeNull()
})

test('what a person wrote is never read as a placeholder', () => {
  expect(new Words('en').t('search.nothing', { query: '{query} $& {count}' })).toBe(
    'Nothing with “{query} $& {count}”.',
  )
})

test.each([
  [['es-AR'], 'es-AR'],
  [['es'], 'es-AR'],
  [['es-MX', 'en'], 'es-MX'],
  [['es-419'], 'es-MX'],
  [['pt-BR', 'es-UY'], 'es-AR'],
  [['en-US', 'es'], 'en'],
  [['pt-BR'], 'en'],
  [[], 'en'],
])('a browser that asks for %j is spoken to in %s', (tags, want) => {
  expect(guessLanguage(tags)).toBe(want)
})

test('every language has its own name', () => {
  const words = new Words('en')
  for (const lang of languages) expect(words.t(`language.${lang}`)).not.toContain('language.')
})

describe('the catalogue and the screen', () => {
  const whole = Object.values(raw).join('\n')
  expect(Object.keys(raw).length).toBeGreaterThan(30)
  test('no key is left that the screen does not ask for', () => {
    // A key is asked for whole, or by its first part with the rest put in: `view.${view}`.
    const asked = (key: string) => {
      const stem = key.replace(/\.(one|other)$/, '').replace(/_day$/, '')
      const family = stem.slice(0, stem.indexOf('.'))
      return [`'${stem}'`, `\`${family}.\${`, `find('${family}'`].some((text) => whole.includes(text))
    }
    expect(Object.keys(esAR).filter((key) => !asked(key))).toEqual([])
  })

  test('every sentence is given the arguments that it has places for', () => {
    const texts = esAR as Record<string, string>
    for (const [, key = '', args = ''] of whole.matchAll(/\bt\('([\w.]+)'(?:, \{([^}]*)\})?/g)) {
      const text = texts[key] ?? texts[`${key}.other`] ?? ''
      const places = [...new Set([...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]))].sort()
      const given = args.split(',').map((arg) => arg.split(':')[0]?.trim() ?? '')
      expect(given.filter((name) => name !== '').sort(), key).toEqual(places)
    }
  })
})

describe('no text stands outside the catalogue', () => {
  const spoken = new Set(['alt', 'title', 'placeholder', 'label', 'text', 'hint', 'aria-label', 'aria-description'])
  // Names of keys, and a command that is the same in every language.
  const allowed = new Set(['Esc', 'Tab', 'Ctrl Enter', 'bandeja demo'])

  test.each(Object.keys(raw).filter((file) => file.endsWith('.svelte')))('%s', (file) => {
    const found = textsOf(parse(raw[file] ?? '', { modern: true }).fragment, spoken)
    const letters = found.map((text) => text.trim()).filter((text) => /\p{L}/u.test(text) && !allowed.has(text))
    expect(letters).toEqual([])
  })
})

/** Every text of a component; of attributes only those that are read out or shown. */
function textsOf(node: unknown, spoken: Set<string>): string[] {
  if (Array.isArray(node)) return node.flatMap((each) => textsOf(each, spoken))
  if (typeof node !== 'object' || node === null) return []
  const { type, name, data } = node as { type?: string; name?: string; data?: string }
  if (type === 'Text') return [data ?? '']
  if (type === 'StyleDirective' || (type === 'Attribute' && !spoken.has(name ?? ''))) return []
  return Object.values(node).flatMap((each) => textsOf(each, spoken))
}
