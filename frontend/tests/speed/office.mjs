// A large office as `bandeja serve` has it after a first copy: made once by the
// simulator and a real sync, and kept in BENCH_DIR (else the system's temporary
// folder) for later runs.

import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { bandeja, done, going } from '../program.mjs'

const at = (path) => fileURLToPath(new URL(`../../../${path}`, import.meta.url))

/** Conversations and messages of both platforms together; sessions share a thread, so these make 100 000. */
const scale = Number(process.env.BENCH_SCALE ?? 1)
const conversations = Math.round(144_000 * scale)
const messages = Math.round(1_000_000 * scale)
/** The messages of the longest conversation of each platform. */
export const longest = Math.round(50_000 * scale)

/** What the office was made by: another schema or another simulator makes another. */
function form() {
  const hash = createHash('sha256').update(`${conversations} ${messages} ${longest}`)
  for (const folder of ['internal/cache/schema/cache', 'internal/cache/schema/local', 'internal/providers/simulator'])
    for (const name of readdirSync(at(folder))
      .filter((name) => /(?<!_test)\.(sql|go)$/.test(name))
      .sort())
      hash.update(readFileSync(join(at(folder), name)))
  return hash.digest('hex').slice(0, 10)
}

/** The folder of the office's profile. */
export async function largeProfile() {
  const folder = process.env.BENCH_DIR ?? tmpdir()
  const profile = join(folder, `bandeja-bench-office-${form()}`)
  if (!existsSync(profile)) {
    for (const old of readdirSync(folder).filter((name) => name.startsWith('bandeja-bench-office-')))
      rmSync(join(folder, old), { recursive: true })
    const making = `${profile}.part`
    mkdirSync(making, { mode: 0o700 })
    await make(making)
    renameSync(making, profile)
  }
  return profile
}

async function make(profile) {
  const began = Date.now()
  const half = (n) => String(Math.round(n / 2))
  const size = ['--conversations', half(conversations), '--messages', half(messages), '--longest', String(longest)]
  const simulator = await going(['simulate', '--json', '--no-rate-limit', ...size])
  try {
    const { waspy, platica, waspy_key, platica_key } = simulator.first
    const here = ['--profile', profile, '--quiet']
    const add = (provider, name, url, key) =>
      done(
        ['account', 'add', provider, name, '--base-url', url, '--rate', '100000', '--key-store', 'file', ...here],
        key,
      )
    await add('waspy', 'ventas', waspy, waspy_key)
    await add('platica', 'soporte', platica, platica_key)
    await done(['sync', ...here])
  } finally {
    await simulator.stop()
  }
  console.error(`made an office of ${messages} messages in ${Math.round((Date.now() - began) / 1000)} s: ${profile}`)
}

/** The longest thread of each platform, looked for once. */
export async function longThreads(profile) {
  const kept = join(profile, 'longest.json')
  if (!existsSync(kept)) {
    const found = []
    const rows = spawn(bandeja, ['export', 'conversations', '--profile', profile], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    for await (const line of createInterface({ input: rows.stdout })) {
      const { thread, messages } = JSON.parse(line)
      if (messages >= longest) found.push(thread)
    }
    writeFileSync(kept, JSON.stringify(found))
  }
  return JSON.parse(readFileSync(kept, 'utf8'))
}

/** Serves a profile as it is: the platforms are gone. */
export async function serve(profile) {
  const program = await going([
    'serve',
    '--no-sync',
    '--json',
    '--listen',
    '127.0.0.1:0',
    '--profile',
    profile,
    '--lang',
    'es-AR',
  ])
  return { ...program.first, stop: program.stop }
}
