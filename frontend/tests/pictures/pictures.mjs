// Takes the pictures of the documents anew, from the real program over a
// made-up office: `make pictures`. The screen speaks Spanish in all of them.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { launch } from '../browser.mjs'
import { done, going } from '../program.mjs'

const folder = fileURLToPath(new URL('../../../docs/', import.meta.url))
const profile = join(await mkdtemp(join(tmpdir(), 'bandeja-pictures-')), 'profile')
const here = ['--profile', profile, '--lang', 'es-AR']

/** The conversation of her whom the documents tell of. */
async function maria(simulated) {
  const headers = { Authorization: `Bearer ${simulated.waspy_key}`, 'Content-Type': 'application/json' }
  const url = `${simulated.waspy}/conversations`
  const { data } = await (await fetch(`${url}/by-phone/5491159834410`, { headers })).json()
  const id = (Array.isArray(data) ? data[0] : data).id
  // A colleague changes it at the platform, after it was changed here.
  const resolve = () =>
    fetch(`${url}/${id}`, { method: 'PATCH', headers, body: JSON.stringify({ status: 'resolved' }) })
  return { id, resolve }
}

const simulator = await going(['simulate', '--json', '--no-rate-limit'])
const browser = await launch()
const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'es-AR' })
const page = await context.newPage()
let served
let came
try {
  for (const [platform, name] of [
    ['waspy', 'ventas'],
    ['platica', 'soporte'],
  ]) {
    const add = [
      'account',
      'add',
      platform,
      name,
      '--key-store',
      'file',
      '--zone',
      'America/Argentina/Buenos_Aires',
      '--quiet',
      '--base-url',
      simulator.first[platform],
    ]
    await done([...add, ...here], `${simulator.first[`${platform}_key`]}\n`)
  }
  await done(['sync', '--quiet', ...here])
  const { id, resolve } = await maria(simulator.first)
  served = await going(['serve', '--json', '--no-sync', ...here])
  await plain()
  await served.stop()
  await done(['set', `ventas/${id}`, '--status', 'pending', '--quiet', ...here])
  await resolve()
  served = await going(['serve', '--json', ...here])
  await conflict()
} finally {
  await served?.stop()
  await browser.close()
  await simulator.stop()
  await rm(join(profile, '..'), { recursive: true })
}

/** A page of the inbox, once its list is there. Its address opens once: a reload has the cookie. */
async function opened(colorScheme) {
  await page.emulateMedia({ colorScheme })
  await page.goto('about:blank')
  await page.goto(came === served ? new URL(served.first.url).origin : served.first.url)
  came = served
  await page.waitForSelector('[role=option]')
}

async function take(name) {
  await page.evaluate(() => document.fonts.ready)
  await page.waitForTimeout(1500) // counts and charts have come to rest
  await page.screenshot({ path: join(folder, `${name}.png`) })
}

/** Opens her conversation from the list. */
function open() {
  return page.locator('[role=option]', { hasText: 'María García' }).first().click()
}

async function search(text) {
  await page.keyboard.press('Control+k')
  await page.keyboard.type(text)
}

async function plain() {
  for (const scheme of ['light', 'dark']) {
    await opened(scheme)
    await open()
    await take(`inbox-${scheme}`)
    await page.evaluate(() => (location.hash = '#/insights'))
    await page.waitForSelector('figure svg')
    await take(`insights-${scheme}`)
  }
  for (const [name, scheme, text] of [
    ['search-dark', 'dark', 'maria garsia'],
    ['search-number', 'light', '15 5983'],
    ['search-filter', 'light', 'estado:abierta cuenta:ventas '],
  ]) {
    await opened(scheme)
    await search(text)
    await take(name)
  }
}

async function conflict() {
  await opened('light')
  await open()
  await page.getByText('Alguien la cambió mientras tanto').first().waitFor({ timeout: 60_000 })
  await take('conflict')
}
