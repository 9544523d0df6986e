// Every screen as a picture, in both themes and every language and at all sizes,
// and under axe, whose findings are told as a table. Pictures go to
// $BANDEJA_SCREENS, a path from the project's folder, and the table lies beside
// them as axe.md; look at them.

import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { violations } from '../axe.mjs'
import { launch } from '../browser.mjs'
import { screens, sizes, visit } from './screens.mjs'
import { Findings } from './findings.mjs'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const folder = process.env.BANDEJA_SCREENS && resolve(root, process.env.BANDEJA_SCREENS)
if (folder) mkdirSync(folder, { recursive: true })

/**
 * What is drawn: everything, and the zoomed size once. Of some screens alone,
 * Mexico's words, which differ from Argentina's in few, are drawn once, too.
 */
function* ways(screen) {
  for (const lang of ['es-AR', 'es-MX', 'en'])
    for (const theme of ['light', 'dark'])
      for (const size of Object.keys(sizes)) {
        if (screen.skip?.includes(size)) continue
        if (size === 'zoomed' && (lang !== 'es-AR' || theme === 'dark')) continue
        if (process.env.BANDEJA_SOME && lang === 'es-MX' && (size !== 'small' || theme === 'dark')) continue
        yield { lang, theme, size }
      }
}

describe('screens', () => {
  let browser
  const findings = new Findings()
  before(async () => (browser = await launch()))
  after(() => {
    const table = findings.table()
    console.log(table)
    if (folder) writeFileSync(join(folder, 'axe.md'), table)
    return browser.close()
  })

  for (const [name, screen] of Object.entries(screens)) {
    test(name, async () => {
      for (const way of ways(screen)) {
        const { lang, theme, size } = way
        await visit(browser, screen, way, (page) => draw(page, `${name}-${lang}-${theme}-${size}`, way))
      }
    })

    async function draw(page, picture, { lang, theme }) {
      if (folder) await page.screenshot({ path: join(folder, `${picture}.png`) })
      const found = await violations(page)
      findings.add(name, `${lang} ${theme}`, found.length)
      assert.deepEqual(found, [], picture)
      const text = await page.evaluate(() => document.body.innerText)
      assert.doesNotMatch(text, /\{\w+\}/, `${picture}: a placeholder shows`)
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      assert.equal(wider, 0, `${picture}: scrolls sideways`)
    }
  }
})
