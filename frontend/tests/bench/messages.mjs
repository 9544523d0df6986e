// Finding messages: by filter and sort of question, and beside others.

import { bench, figure, many, table } from './tools.mjs'

const count = Number(process.env.BENCH_MESSAGES_SEARCH ?? 1_000_000 * Number(process.env.BENCH_SCALE ?? 1))

export async function messages() {
  const own = await bench(
    './internal/search',
    'FindMessages$',
    { BENCH_MESSAGES_SEARCH: String(count) },
    '-benchtime',
    '100x',
  )
  const beside = await bench('./internal/search', '^BenchmarkBesidePeers$', { BENCH_PEERS: '1' }, '-benchtime', '1x')
  const part = (run, n) => run.name.split('/')[n].replaceAll('_', ' ')
  const filters = [...new Set(own.runs.map((run) => part(run, 1)))]
  const questions = [...new Set(own.runs.map((run) => part(run, 2)))]
  const of = (filter, question) => own.runs.find((run) => part(run, 1) === filter && part(run, 2) === question) ?? {}
  return `## Finding messages

The fifty newest among ${many(count)}, p99 in ms by what is asked (down) and what it is narrowed by (across). To reach: 50 ms
at five million.

${table(
  ['', ...filters],
  questions.map((question) => [question, ...filters.map((filter) => figure(of(filter, question)['p99-ms']))]),
)}

Beside others, the same texts and questions in the same run. \`rg\` counts lines of NDJSON and knows no newest fifty;
\`notmuch\` has a mail for each of 100 000 messages; both are run for each question, and how long they take to start is told.
\`fts5 words\` and \`fts5 trigram\` are one bare table of texts asked in this process for its last fifty rows; the
trigrams find parts of words too, and nothing for words shorter than three letters.

${table(
  ['', 'Bandeja ms', 'peer ms', 'peer / Bandeja', 'of it the start, ms'],
  beside.runs.map((run) => [
    `${part(run, 1)}: ${part(run, 2)}`,
    figure(run['own-ms']),
    figure(run['peer-ms']),
    figure(run.ratio),
    run['start-ms'] ? figure(run['start-ms']) : '',
  ]),
)}`
}
