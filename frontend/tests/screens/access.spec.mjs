// Every screen as those have it who see little, press with less than a mouse, or
// listen: at 200 % zoom, by Tab alone, without motion, in the system's colours.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { launch } from '../browser.mjs'
import { collisions, cutTexts, focused, motions, roles, sideways, smallTargets, vanished } from './measure.mjs'
import { screens, sizes, visit } from './screens.mjs'

// 1280 × 800 at 200 %.
const doubled = { width: 640, height: 400 }
const mostTabs = 80

describe('for everybody', () => {
  let browser
  before(async () => (browser = await launch()))
  after(() => browser.close())

  for (const [name, screen] of Object.entries(screens)) {
    const size = Object.keys(sizes).find((each) => !screen.skip?.includes(each))
    test(`${name}: large enough to press, still, and shown where the focus is`, () =>
      visit(browser, screen, { lang: 'es-AR', size, reducedMotion: 'reduce' }, async (page) => {
        assert.deepEqual(await page.evaluate(smallTargets), [], 'smaller than 24 px')
        assert.deepEqual(await page.evaluate(motions), [], 'moves')
        assert.deepEqual(await page.evaluate(roles), [], 'roles')
        assert.deepEqual(await lost(page), [], 'the focus cannot be seen')
      }))

    test(`${name}: in the system's colours`, () =>
      visit(browser, screen, { lang: 'es-AR', size, forcedColors: 'active' }, async (page) =>
        assert.deepEqual(await page.evaluate(vanished), []),
      ))

    if (screen.skip?.includes('zoomed')) continue
    test(`${name}: at 200 %`, () =>
      visit(browser, screen, { lang: 'es-AR', size: 'small', viewport: doubled }, async (page) => {
        assert.deepEqual(await page.evaluate(sideways), [])
        assert.deepEqual(await page.evaluate(cutTexts, null), [])
        assert.deepEqual(await page.evaluate(collisions), [])
        assert.deepEqual(await page.evaluate(smallTargets), [])
      }))
  }
})

test('what is measured is found', async () => {
  const browser = await launch()
  const page = await browser.newPage({ viewport: { width: 400, height: 300 }, forcedColors: 'active' })
  try {
    await page.setContent(`<!doctype html><style>
        body { margin: 0 } button { width: 100px; height: 30px; position: absolute; left: 0; top: 0; border: 0; padding: 0 }
        #over { left: 20px; width: 60px } #away { left: 390px } #small { top: 100px; width: 20px }
        #still { top: 140px; transition: opacity 2ms; outline: none }
        p { position: absolute; top: 200px; width: 60px; overflow: hidden; white-space: nowrap; margin: 0 }
        #dots { top: 230px; text-overflow: ellipsis } #wide { position: absolute; top: 260px; width: 500px }
        span { position: absolute; top: 280px; width: 8px; height: 8px; background: red }
      </style><button>Uno</button><button id=over>Dos</button><button id=away>Tres</button><button id=small>x</button>
      <button id=still>Cuatro</button><p>Cortado en el medio</p><p id=dots>[Cortado con puntos]</p><div id=wide>ancho</div><span></span>`)
    assert.deepEqual((await page.evaluate(collisions)).sort(), [
      'button “Tres” is outside the window',
      'button “Uno” over button “Dos”',
    ])
    assert.deepEqual(await page.evaluate(smallTargets), ['button “x” 20 × 30'])
    assert.deepEqual(await page.evaluate(motions), ['transition of button.'])
    assert.deepEqual(await page.evaluate(sideways), ['html. by 100 px'])
    assert.deepEqual(await page.evaluate(cutTexts, '['), [
      'outside the window: “Tres” in html > body > button',
      'cut by html > body > p: “Cortado en el medio” in html > body > p',
      'an ellipsis without a title: “[Cortado con puntos]” in html > body > p',
    ])
    assert.deepEqual(await page.evaluate(vanished), ['span.'])
    const unseen = await lost(page)
    assert.ok(unseen.some((each) => each.startsWith('button “Cuatro”') && each.endsWith('no ring')))
  } finally {
    await browser.close()
  }
})

/** Walks the page by Tab, once around, and names what has the focus and does not show it. */
async function lost(page) {
  const found = new Set()
  const been = new Set()
  for (let n = 0; n < mostTabs; n++) {
    await page.keyboard.press('Tab')
    const at = await page.evaluate(focused)
    if (at === null || been.has(at.key)) break
    been.add(at.key)
    if (!at.ring || !at.seen) found.add(`${at.name}: ${at.ring ? 'out of sight' : 'no ring'}`)
  }
  return [...found]
}
