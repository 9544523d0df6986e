import en from '../../../internal/words/en.json'
import esAR from '../../../internal/words/es-AR.json'
import esMX from '../../../internal/words/es-MX.json'
import type { Language } from '../api/types'
import { apart } from '../text/direction'

// One catalogue serves the command line, the server and the screen. What
// follows makes svelte-check fail on a key that one language lacks or has
// alone, and on one that the screen asks for and nobody wrote.
type Whole = keyof typeof esAR
type Strange<Keys extends PropertyKey> = Exclude<Keys, Whole>
en satisfies Record<Whole, string>
esMX satisfies Partial<Record<Whole, string>>
const nothingStrange: [Strange<keyof typeof en> | Strange<keyof typeof esMX>] extends [never] ? true : never = true
void nothingStrange

type OnScreen<K> = K extends `${'cli' | 'error' | 'notify' | 'phone' | 'query'}.${string}` ? never : K
type Base<K> = K extends `${infer Stem}.one` | `${infer Stem}.other` ? Stem : K

/** A key of the catalogue; of a plural, without its `.one` or `.other`. */
export type Key = Base<OnScreen<Whole>>

/** What goes in for `{name}`. Numbers are written as the language does; `count` chooses the plural. */
export type Args = Record<string, string | number>

type Catalogue = Readonly<Record<string, string>>

const catalogues: Record<Language, Catalogue> = { 'es-AR': esAR, 'es-MX': { ...esAR, ...esMX }, en }

/** The languages, in the order people are shown them. */
export const languages: readonly Language[] = ['es-AR', 'es-MX', 'en']

/** The words of the screen in the language that was chosen. */
export class Words {
  #lang = $state<Language>('es-AR')
  #catalogue = $derived(catalogues[this.#lang])
  #plural = $derived(new Intl.PluralRules(this.#lang))
  #number = $derived(new Intl.NumberFormat(this.#lang, { useGrouping: 'always' }))

  constructor(lang: Language) {
    this.#lang = lang
  }

  get lang(): Language {
    return this.#lang
  }

  set lang(lang: Language) {
    this.#lang = lang
  }

  /** The sentence for a key. Bound, so that components can take it as `t`. */
  t = (key: Key, args: Args = {}): string => {
    const text = this.#catalogue[key] ?? this.#catalogue[`${key}.${this.#form(args['count'])}`] ?? key
    return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
      const value = args[name]
      return value === undefined ? whole : typeof value === 'number' ? this.n(value) : apart(value)
    })
  }

  /** A number as the language writes it. */
  n = (value: number): string => this.#number.format(value)

  /** Several names in one sentence: `“Mari G.” y “María”`. */
  list = (names: string[]): string =>
    new Intl.ListFormat(this.#lang).format(names.map((name) => this.t('quoted', { text: name })))

  /** The sentence for a key that came from outside, or null where the catalogue has none. */
  find = (prefix: string, code: string): string | null => this.#catalogue[`${prefix}.${code}`] ?? null

  #form(count: string | number | undefined): 'one' | 'other' {
    return typeof count === 'number' && this.#plural.select(count) === 'one' ? 'one' : 'other'
  }
}

/** The language to speak before the server has said which: the first of the browser's that there is. */
export function guessLanguage(tags: readonly string[]): Language {
  for (const tag of tags) {
    // Cut by hand: under the POSIX locale "C" WebKit gives a tag that Intl.Locale throws at.
    const [language, ...rest] = tag.toLowerCase().split('-')
    const region = rest.find((part) => /^([a-z]{2}|\d{3})$/.test(part))
    if (language === 'en') return 'en'
    if (language === 'es') return !region || ['ar', 'uy', 'py'].includes(region) ? 'es-AR' : 'es-MX'
  }
  return 'en'
}
