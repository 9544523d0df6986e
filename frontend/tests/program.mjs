// The real program, as other processes.

import { execFile, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const bandeja = process.env.BANDEJA ?? fileURLToPath(new URL('../../bin/bandeja', import.meta.url))

/** Runs a command that goes on, and gives its first line as JSON. */
export async function going(args) {
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
  return { first, stop, pid: child.pid }
}

/** Runs a command to its end, whatever that is, and gives its code and what it said. */
export function said(args, input = '') {
  return new Promise((resolve) => {
    const child = execFile(bandeja, args, { maxBuffer: 1 << 26 }, (error, out, err) =>
      resolve({ code: error ? error.code : 0, out, err }),
    )
    child.stdin.end(input)
  })
}

/** Runs a command to its end, with something on stdin. */
export function done(args, input) {
  const child = spawn(bandeja, args, { stdio: ['pipe', 'ignore', 'inherit'] })
  child.stdin.end(input)
  return new Promise((resolve, reject) =>
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`bandeja ${args.join(' ')}: ${code}`)))),
  )
}
