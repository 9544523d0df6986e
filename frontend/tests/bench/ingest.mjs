// A first copy and an unchanged one, beside the bare driver and decoding alone.

import { bench, figure, many, median, table } from './tools.mjs'

const conversations = process.env.BENCH_CONVERSATIONS ?? '20000'
const messages = process.env.BENCH_MESSAGES ?? '200000'
const rounds = process.env.BENCH_ROUNDS ?? '3'

export async function ingest() {
  const size = { BENCH_CONVERSATIONS: conversations, BENCH_MESSAGES: messages }
  const { runs } = await bench('./internal/profile', 'Ingest$', size, '-benchtime', '1x', '-count', rounds)
  const of = (unit) => figure(median(runs.map((run) => run[unit])))
  const row = (name, of1, limit = '') => [name, of(`${of1}-cpu-µs/row`), limit, of(`${of1}-rows/s`)]
  return `## Copying

HTTP, decode, phone, rows, threads, message index and people index, from a simulator in another process, in pages of 100:
${many(conversations)} conversations and ${many(messages)} messages, on disk, medians of ${rounds} runs. *Unchanged* reads all of it
once more as the daily sweep does; \`--full\` looks through the whole file first.

${table(
  ['', 'CPU µs a row', 'to reach', 'rows/s'],
  [
    row('first copy', 'all', '40'),
    row('– conversations', 'conversations'),
    row('– messages', 'messages'),
    row('unchanged', 'unchanged-all', '25'),
    row('`sync --full`, unchanged', 'full-all'),
    row('bare SQLite driver, the same conversations', 'bare-conversations'),
    row('bare SQLite driver, the same messages', 'bare-messages'),
    row('decoding alone', 'decode'),
  ],
)}

Bandeja takes ${of('all/bare')} times the CPU of the bare driver, and ${of('all/bare+decode')} times that of driver and decoding. The first
fifty threads can be used ${of('first50-ms')} ms after the start, after ${of('first50-requests')} request.`
}
