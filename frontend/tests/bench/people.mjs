// Finding people: how fast, how well, beside others.

import { bench, figure, many, table } from './tools.mjs'

const sizes = process.env.BENCH_PEOPLE ?? '10000,100000,1000000'
const peerSizes = process.env.BENCH_PEOPLE_PEERS ?? '100000'

export async function people() {
  const own = await bench('./internal/search', '^BenchmarkPeople$', {
    BENCH_PEOPLE: sizes,
  })
  const beside = await bench(
    './internal/search',
    'PeopleBesidePeers$',
    { BENCH_PEERS: '1', BENCH_PEOPLE: peerSizes },
    '-benchtime',
    '1x',
  )
  const recall = await bench('./internal/search', '^BenchmarkRecall$', {}, '-benchtime', '1x')
  const all = sizes.split(',')
  const classes = [...new Set(own.runs.map((run) => run.name.split('/')[2]))].filter((name) => name !== 'memory')
  const of = (size, name) => own.runs.find((run) => run.name === `People/${size}/${name}`) ?? {}
  const peers = ['sahilm', 'trigram', 'fzf'].filter((name) =>
    recall.runs.some((run) => run[`${name}@10-%`] !== undefined),
  )
  return `## Finding people

What a keystroke takes, by what stands in the box after it; to reach: p99 5 ms at 100 000, 20 ms at a million.

${table(
  ['p50 / p99 ms', ...all.map(many)],
  classes.map((name) => [
    name.replaceAll('_', ' '),
    ...all.map((size) => `${figure(of(size, name)['p50-ms'])} / ${figure(of(size, name)['p99-ms'])}`),
  ]),
)}

The index beside the names and numbers themselves: ${all.map((size) => `${figure(of(size, 'memory')['B/person-beyond-text'])} bytes a person at ${many(size)}`).join(', ')}.

Beside others, over the same lines in the same run. \`sahilm\` is sahilm/fuzzy alone over all names, \`trigram\` an FTS5 trigram
table asked for any three letters, \`fzf\` is \`fzf --filter\`, whose start is part of it.

${table(
  ['', 'Bandeja ms', 'peer ms', 'peer / Bandeja'],
  beside.runs.map((run) => {
    const [, size, peer, name] = run.name.split('/')
    return [
      `${peer}, ${name.replaceAll('_', ' ')}, ${many(size)}`,
      figure(run['own-ms']),
      figure(run['peer-ms']),
      figure(run.ratio),
    ]
  }),
)}

How often who is meant is among the first ten, of a thousand questions a kind (others: of fifty):

${table(
  ['recall@10, %', 'Bandeja', ...peers],
  recall.runs.map((run) => [
    run.name.replace('Recall/', '').replaceAll('_', ' '),
    figure(run['recall@10-%']),
    ...peers.map((name) => figure(run[`${name}@10-%`])),
  ]),
)}`
}
