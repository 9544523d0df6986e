// Measures Bandeja and its peers, and writes what came out to docs/benchmarks.md:
// node frontend/tests/bench/bench.mjs. With names of sections it runs those alone, and
// only prints. Sizes are set by BENCH_* (each section says its own), and what is
// large is made once and kept in BENCH_DIR.

import { writeFileSync } from 'node:fs'
import { machine } from './machine.mjs'
import { apis } from './apis.mjs'
import { growth } from './growth.mjs'
import { ingest } from './ingest.mjs'
import { lists } from './lists.mjs'
import { messages } from './messages.mjs'
import { people } from './people.mjs'
import { program } from './program.mjs'
import { screen } from './screen.mjs'
import { from } from './tools.mjs'

const sections = {
  ingest,
  lists,
  people,
  messages,
  apis,
  growth,
  program,
  screen,
}

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !(name in sections))
if (unknown.length > 0) {
  console.error(`no section ${unknown.join(', ')}; there are ${Object.keys(sections).join(', ')}`)
  process.exit(2)
}

const parts = [
  `# Measured

Made by \`make bench\`, which writes this page anew. Times are medians unless said; CPU is that of Bandeja's own process.
A ratio is of two figures of one run on one machine, taken in turns: above 1 the peer takes longer. Nobody else's
figures are quoted. Machines are shared: the load when the run began is that of others, at its end its own too.

${machine()}`,
]
let failed = false
for (const name of asked.length > 0 ? asked : Object.keys(sections)) {
  console.error(`${new Date().toISOString()} ${name}`)
  try {
    parts.push(await sections[name]())
  } catch (error) {
    failed = true
    parts.push(`## ${name}\n\nThis part failed: ${error.message}`)
  }
  console.log(`${parts.at(-1)}\n`)
}
if (asked.length === 0) {
  writeFileSync(
    from('docs/benchmarks.md'),
    `${parts.join('\n\n')}\n\nEnded ${new Date().toISOString().slice(0, 16)}Z at a load of ${machine.load()}.\n`,
  )
  console.error('written: docs/benchmarks.md')
}
process.exitCode = failed ? 1 : 0
