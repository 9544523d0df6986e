
import { launch } from './browser.mjs'
import { startFixture } from './fixture/server.mjs'
import { violations } from './axe.mjs'
const now = Date.parse('2026-04-13T17:02:00Z')
const [,, name, lang, theme, w, h, at, script, scenario] = process.argv
const fixture = await startFixture({ lang, theme, now, threads: 120, scenario: scenario || undefined })
const browser = await launch()
const page = await (await browser.newContext({ viewport: { width: +w, height: +h }, locale: lang, colorScheme: theme, timezoneId: 'America/Argentina/Buenos_Aires' })).newPage()
page.on('pageerror', (e) => console.log('ERR', e))
page.on('console', (m) => m.type() === 'error' && console.log('CON', m.text()))
await page.clock.setFixedTime(now)
await page.goto(fixture.url); await page.waitForSelector('.office')
await page.evaluate((at) => (location.hash = at), at)
await page.waitForTimeout(800)
await eval(`(async () => { ${script} })()`)
await page.waitForTimeout(500)
await page.screenshot({ path: `/tmp/thread-screens/${name}.png` })
console.log(name, 'axe', (await violations(page)).length, JSON.stringify(await violations(page)).slice(0, 600))
await browser.close(); await fixture.close()
