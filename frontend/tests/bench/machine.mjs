// What was measured, on what and when.

import { readFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { output } from './tools.mjs'

/** The lines that head the document. */
export function machine() {
  const system = /PRETTY_NAME="(.*)"/.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'Linux'
  return [
    `- ${new Date().toISOString().slice(0, 16)}Z, commit ${output('git', ['rev-parse', '--short', 'HEAD']).trim()}, load ${machine.load()}`,
    `- ${cpus().length} cores (${cpus()[0].model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB, ${system}, Linux ${release()}, ${/go\S+/.exec(output('go', ['version']).slice(2))[0]}`,
  ].join('\n')
}

machine.load = () => loadavg()[0].toFixed(1)
