// The list and a thread: by view and filter, and beside bare SQLite.

import { bench, figure, many, table } from './tools.mjs'

const scale = Number(process.env.BENCH_SCALE ?? 1)

export async function lists() {
  const views = await bench('./internal/cache', 'ThreadsFirstPage$|OpenThread$')
  const narrowed = await bench('./internal/cache', 'NarrowedList$/memory')
  const beside = await bench('./internal/cache', 'BesideSQLite$')
  const clicks = await bench('./internal/cache', '^BenchmarkClick$')
  const times = (runs) =>
    runs.map((run) => [
      run.name.replace(/^[^/]*\//, '').replaceAll('_', ' '),
      figure(run['p50-ms']),
      figure(run['p99-ms']),
    ])
  return `## Lists and threads

At ${many(100_000 * scale)} conversations; the thread has ${many(50_000 * scale)} messages. To reach: the first page of any list p99 5 ms at a
million, a thread at its end p99 10 ms. A click is safe on disk and shown after ${figure(clicks.runs[0]['ns/op'] / 1e6)} ms.

${table(['of Bandeja', 'p50 ms', 'p99 ms'], [...times(views.runs), ...times(narrowed.runs)])}

Beside one plain table in a bare SQLite file, with the index that its one question wants, and none of what a row of the
inbox has besides (person, wishes, reply window, what was read):

${table(
  ['', 'Bandeja ms', 'bare SQLite ms', 'Bandeja / bare'],
  beside.runs.map((run) => [
    run.name.replace('BesideSQLite/', ''),
    figure(run['own-ms']),
    figure(run['peer-ms']),
    figure(run.ratio),
  ]),
)}`
}
