// The real program over hostile platforms: the simulator, what stands before
// it, and `bandeja serve` on a profile of its own.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { done, going } from '../program.mjs'
import { startPlatforms } from './platforms.mjs'

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
