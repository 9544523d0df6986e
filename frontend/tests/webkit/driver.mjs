// The window's own engine: WebKitGTK's MiniBrowser, driven by WebKitWebDriver
// over the W3C protocol. It needs a display.

import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'

const needs = 'The tests in WebKitGTK need WebKitWebDriver and its MiniBrowser: install webkit2gtk-driver.'

function executables() {
  const driver = (process.env.PATH ?? '')
    .split(':')
    .map((place) => join(place, 'WebKitWebDriver'))
    .find(existsSync)
  const libraries = existsSync('/usr/lib') ? readdirSync('/usr/lib').map((folder) => join('/usr/lib', folder)) : []
  const browser = ['/usr/lib', '/usr/lib64', '/usr/libexec', ...libraries]
    .map((folder) => join(folder, 'webkit2gtk-4.1', 'MiniBrowser'))
    .find(existsSync)
  if (!driver || !browser) throw new Error(needs)
  if (!process.env.DISPLAY) throw new Error('The tests in WebKitGTK need a display: run them by scripts/webkit.sh.')
  return { driver, browser }
}

function freePort() {
  const server = createServer()
  return new Promise((resolve, reject) => {
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

/** Keys as the protocol writes them. */
export const key = {
  Escape: '\uE00C',
  Enter: '\uE007',
  Tab: '\uE004',
  Control: '\uE009',
  ArrowDown: '\uE015',
  ArrowUp: '\uE013',
  End: '\uE010',
  Home: '\uE011',
}

/** One browser with one page. */
export class Browser {
  #driver
  #base
  #session

  /** Starts it; what it asks of other addresses goes to `proxy`, host and port. */
  static async start({ proxy } = {}) {
    const { driver, browser } = executables()
    const started = new Browser()
    const port = await freePort()
    const said = ['ignore', 'ignore', process.env.BANDEJA_VERBOSE ? 'inherit' : 'ignore']
    started.#driver = spawn(driver, ['--host=127.0.0.1', `--port=${port}`], { stdio: said })
    started.#base = `http://127.0.0.1:${port}`
    await started.#listening()
    const capabilities = {
      'webkitgtk:browserOptions': { binary: browser, args: ['--automation', '--geometry=1280x800'] },
      unhandledPromptBehavior: 'ignore',
      ...(proxy && { proxy: { proxyType: 'manual', httpProxy: proxy, sslProxy: proxy, noProxy: ['127.0.0.1'] } }),
    }
    try {
      const { sessionId } = await started.#ask('POST', '/session', { capabilities: { alwaysMatch: capabilities } })
      started.#session = `/session/${sessionId}`
      await started.command('POST', '/timeouts', { script: 60_000, pageLoad: 30_000 })
    } catch (err) {
      await started.stop()
      throw err
    }
    return started
  }

  async #listening() {
    for (let tries = 0; tries < 600; tries++) {
      if (this.#driver.exitCode !== null) throw new Error(`WebKitWebDriver ended with ${this.#driver.exitCode}`)
      const answer = await fetch(`${this.#base}/status`).catch(() => null)
      if (answer?.ok) return
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    throw new Error('WebKitWebDriver did not start')
  }

  async #ask(method, path, body) {
    const answer = await fetch(this.#base + path, {
      method,
      ...(method === 'POST' && { body: JSON.stringify(body ?? {}), headers: { 'Content-Type': 'application/json' } }),
    })
    const { value } = await answer.json()
    if (!answer.ok) {
      const err = new Error(`${method} ${path}: ${value?.error}: ${value?.message}`)
      err.code = value?.error
      throw err
    }
    return value
  }

  /** A command of the session. */
  command(method, path, body) {
    return this.#ask(method, this.#session + path, body)
  }

  async stop() {
    if (this.#session) await this.command('DELETE', '').catch(() => undefined)
    const ended = new Promise((resolve) => this.#driver.on('exit', resolve))
    if (this.#driver.exitCode === null && this.#driver.kill()) await ended
  }

  go = (url) => this.command('POST', '/url', { url })
  url = () => this.command('GET', '/url')
  reload = () => this.command('POST', '/refresh')
  resize = (width, height) => this.command('POST', '/window/rect', { width, height })
  picture = () => this.command('GET', '/screenshot')

  /** Runs a function in the page; what it gives is awaited. */
  async run(fn, ...args) {
    const script = `const done = arguments[arguments.length - 1];
      Promise.resolve().then(() => (${fn})(...[...arguments].slice(0, -1)))
        .then((value) => done({ value: value ?? null }), (err) => done({ error: String(err?.stack ?? err) }))`
    const { value, error } = await this.command('POST', '/execute/async', { script, args })
    if (error) throw new Error(error)
    return value
  }

  /** Waits until a function in the page says yes, and says what never was. */
  async until(what, holds, ...args) {
    await this.eventually(what, () => this.run(holds, ...args))
  }

  /** The same of what is known here. */
  async eventually(what, holds) {
    const last = Date.now() + 45_000 // a busy machine takes its time
    while (!(await holds())) {
      if (Date.now() > last) throw new Error(`never: ${what}`)
      await new Promise((resolve) => setTimeout(resolve, 30))
    }
  }

  /** Presses keys one after the other; an array is held together. */
  async press(...keys) {
    for (const each of keys) {
      const held = [each].flat()
      const actions = [
        ...held.map((value) => ({ type: 'keyDown', value })),
        ...held.toReversed().map((value) => ({ type: 'keyUp', value })),
      ]
      await this.command('POST', '/actions', { actions: [{ type: 'key', id: 'keys', actions }] })
    }
  }

  type = (text) => this.press(...text)

  /** Clicks in the middle of the first element that fits. */
  async click(selector) {
    const found = await this.command('POST', '/element', { using: 'css selector', value: selector })
    await this.command('POST', `/element/${Object.values(found)[0]}/click`)
  }

  /** The dialog of a script that is open: its text, or null where there is none. */
  async dialog() {
    try {
      return await this.command('GET', '/alert/text')
    } catch (err) {
      if (err.code === 'no such alert') return null
      throw err
    }
  }

  windows = () => this.command('GET', '/window/handles')
}
