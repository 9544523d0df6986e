// The system's Chromium, driven by playwright-core; no browser is downloaded.

import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium } from 'playwright-core'

const names = ['chromium', 'chromium-browser', 'google-chrome']

const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

function executable() {
  if (process.env.CHROME) return process.env.CHROME
  const places = (process.env.PATH ?? '').split(delimiter)
  const found = names.flatMap((name) => places.map((place) => join(place, name))).find(runs)
  if (!found) throw new Error(`no browser: set CHROME, or install one of ${names.join(', ')}`)
  return found
}

function runs(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Starts the browser; close it when done. $BANDEJA_SLOW makes its pages so many times slower, as a busy machine does. */
export async function launch() {
  const browser = await chromium.launch({ executablePath: executable(), args })
  const rate = Number(process.env.BANDEJA_SLOW ?? 1)
  if (rate > 1) slow(browser, rate)
  return browser
}

function slow(browser, rate) {
  const { newContext } = browser
  const slower = (at) => {
    const open = at.newPage
    at.newPage = async () => {
      const page = await open.call(at)
      const session = await at.newCDPSession(page)
      await session.send('Emulation.setCPUThrottlingRate', { rate })
      return page
    }
    return at
  }
  browser.newContext = async (options) => slower(await newContext.call(browser, options))
}

/** Gathers what a page complains of: errors of scripts, and violations of the policy. */
export function complaints(page) {
  const heard = []
  page.on('pageerror', (error) => heard.push(String(error)))
  page.on('console', (message) => {
    const text = message.text()
    // A request that is refused is said by the screen itself.
    if (message.type() === 'error' && !text.startsWith('Failed to load resource')) heard.push(text)
  })
  return heard
}
