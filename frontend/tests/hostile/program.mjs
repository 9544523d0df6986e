// The real program over hostile platforms: the simulator, what stands before
// it, and `bandeja serve` on a profile of its own.

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startPlatforms } from './platforms.mjs'

const bandeja = process.env.BANDEJA ?? fileURLToPath(new URL('../../../bin/bandeja', import.meta.url))

/** Runs a command that goes on, and gives its first line as JSON. */
async function going(args) {
  const child = spawn(bandeja, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  child.stdout.setEncoding('utf8')
  let said = ''
  const first = await new Promise((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      said += chunk
      if (said.includes('\n')) resolve(JSON.parse(said.split('\n', 1)[0]))
    })
    child.on('exit', (code) => reject(new Error(`bandeja ${args[0]} ended with ${code}`)))
  })
  const ended = new Promise((resolve) => child.on('exit', resolve))
  const stop = () => (child.kill(), ended)
  return { first, stop }
}

/** Runs a command to its end, with something on stdin. */
function done(args, input) {
  const child = spawn(bandeja, args, { stdio: ['pipe', 'ignore', 'inherit'] })
  child.stdin.end(input)
  return new Promise((resolve, reject) =>
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`bandeja ${args.join(' ')}: ${code}`)))),
  )
}

export async function startProgram() {
  const profile = mkdtempSync(join(tmpdir(), 'bandeja-hostile-'))
  const simulator = await going([
    'simulate',
    '--json',
    '--no-rate-limit',
    '--conversations',
    '320',
    '--messages',
    '2400',
  ])
  const { waspy, platica, waspy_key, platica_key } = simulator.first
  const platforms = await startPlatforms(new URL(waspy).origin)
  const add = (provider, name, url, key) => {
    const base = platforms.origin + new URL(url).pathname
    const place = ['--region', 'AR', '--area', '11', '--rate', '1000', '--key-store', 'file', '--base-url', base]
    return done(['account', 'add', provider, name, ...place, '--profile', profile, '--quiet'], key)
  }
  await add('waspy', 'ventas', waspy, waspy_key)
  await add('platica', 'soporte', platica, platica_key)
  const served = await going(['serve', '--json', '--listen', '127.0.0.1:0', '--profile', profile, '--lang', 'es-AR'])
  const stop = async () => {
    await served.stop()
    await simulator.stop()
    await platforms.close()
    rmSync(profile, { recursive: true })
  }
  return { url: served.first.url, origin: served.first.origin, platforms, stop }
}
