// Running what is measured, and writing tables.

import { spawn, execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** A path of the project. */
export const from = (path) => fileURLToPath(new URL(`../../../${path}`, import.meta.url))

/** What a program says on its standard output. */
export const output = (program, args) => execFileSync(program, args, { encoding: 'utf8', cwd: from('.') })

/** Runs a program and gives what it said; what it says to people is passed on. */
export async function said(program, args, env = {}) {
  const child = spawn(program, args, {
    cwd: from('.'),
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk) => (text += chunk))
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('exit', resolve))
  return { text, code }
}

/**
 * Runs Go benchmarks of a package: for each its name without the processors, and
 * its figures by unit, in the order they were run; of one that ran more than once
 * each run is there.
 */
export async function bench(folder, pattern, env = {}, ...flags) {
  const { text, code } = await said(
    'go',
    ['test', '-run', '^$', '-bench', pattern, '-timeout', '120m', ...flags, folder],
    env,
  )
  if (code !== 0) throw new Error(`go test -bench '${pattern}' ${folder}:\n${text}`)
  const runs = []
  for (const line of text.split('\n').filter((line) => line.startsWith('Benchmark'))) {
    const [name, , ...words] = line.split(/\s+/)
    const of = { name: name.replace(/-\d+$/, '').replace(/^Benchmark/, '') }
    for (let i = 0; i + 1 < words.length; i += 2) of[words[i + 1]] = Number(words[i])
    runs.push(of)
  }
  return { runs }
}

export const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]

/** A number with as many digits as are worth reading; nothing of what is not there. */
export function figure(value) {
  if (value === undefined || Number.isNaN(value)) return '–'
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2
  return value.toFixed(digits)
}

/** A table in Markdown: its first column is text, the others are figures. */
export function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '--:'))), ...rows.map(line)].join('\n')
}

/** Round figures as people write them. */
export const many = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ' ')
