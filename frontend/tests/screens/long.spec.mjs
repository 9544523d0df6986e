// Every screen in a language that does not exist, whose words are 40 % longer
// and carry accents: none is cut without saying so, nothing scrolls sideways,
// nothing lies over anything else.

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { launch } from '../browser.mjs'
import { collisions, cutTexts, sideways } from './measure.mjs'
import { screens, visit } from './screens.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = process.env.BANDEJA_SCREENS && resolve(root, '..', process.env.BANDEJA_SCREENS)
const accents = { a: 'á', e: 'é', i: 'ï', o: 'ö', u: 'ü', A: 'Å', E: 'É', I: 'Î', O: 'Ö', U: 'Û', n: 'ñ', c: 'ç' }

// Names of things are as long in every language.
const names = /^(Bandeja|Waspy|Plática|WhatsApp)$/

/** A sentence 40 % longer, its placeholders as they are: vowels are drawn out, so that each word grows. */
export function longer(text) {
  if (names.test(text)) return text
  const parts = text.split(/(\{\w+\})/)
  const letters = parts.filter((_, i) => i % 2 === 0).join('').length
  let more = Math.ceil(letters * 0.4)
  const draw = (part) =>
    [...part].map((letter) => {
      const drawn = accents[letter] ?? letter
      return /[aeiou]/i.test(letter) && more > 0 && more-- ? drawn + drawn : drawn
    })
  const said = parts.map((part, i) => (i % 2 ? part : draw(part).join(''))).join('')
  return `[${said}${'~'.repeat(Math.max(0, more - 2))}]`
}

// The English words, before anybody else sees them.
const pseudo = {
  name: 'pseudo-words',
  enforce: 'pre',
  transform(code, id) {
    if (!/internal[\\/]words[\\/]en\.json$/.test(id)) return null
    const words = Object.entries(JSON.parse(code)).map(([key, text]) => [key, longer(text)])
    return { code: JSON.stringify(Object.fromEntries(words)), map: null }
  },
}

test('a sentence is longer by two fifths, and takes its arguments', () => {
  assert.equal(longer('Inbox'), '[ÎÎñbööx]')
  assert.match(longer('{count} of {total}'), /^\[\{count\} ööf \{total\}.*\]$/)
  const said = (text) => text.replace(/\{\w+\}/g, '').length
  for (const text of ['Settings', 'You snoozed {count} conversations', 'Try again'])
    assert.ok(said(longer(text)) >= 1.4 * said(text), longer(text))
})

describe('words that are longer', () => {
  let browser
  let dist
  before(async () => {
    dist = await mkdtemp(join(tmpdir(), 'bandeja-long-'))
    await build({
      root,
      logLevel: 'error',
      plugins: [pseudo],
      build: { outDir: dist, emptyOutDir: false, minify: false },
    })
    browser = await launch()
  })
  after(async () => {
    await browser?.close()
    await rm(dist, { recursive: true, force: true })
  })

  for (const [name, screen] of Object.entries(screens)) {
    test(name, async () => {
      for (const size of ['wide', 'small'].filter((size) => !screen.skip?.includes(size)))
        await visit(browser, screen, { lang: 'en', size, dist }, async (page) => {
          if (folder) await page.screenshot({ path: join(folder, `long-${name}-${size}.png`) })
          assert.match(
            await page.evaluate(() => document.body.innerText),
            /\[\p{L}/u,
            'the words are not the longer ones',
          )
          assert.deepEqual(await page.evaluate(cutTexts, '['), [], size)
          assert.deepEqual(await page.evaluate(collisions), [], size)
          assert.deepEqual(await page.evaluate(sideways), [], size)
        })
    })
  }
})
