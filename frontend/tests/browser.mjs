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

/** Starts the browser; close it when done. */
export function launch() {
  return chromium.launch({ executablePath: executable(), args })
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
