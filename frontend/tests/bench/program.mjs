// The program itself: how large it is, and what a run that finds nothing takes.

import { statSync } from 'node:fs'
import { from } from './tools.mjs'

export async function program() {
  return `## The program

With its window, stripped: ${(statSync(from('bin/bandeja')).size / 1e6).toFixed(1)} MB (to reach: 35).`
}
