// The platforms' own APIs from the copy: pages, and scripts beside a copying.

import { bench, figure, many, table } from './tools.mjs'

const seconds = process.env.BENCH_SERVING_SECONDS ?? '60'
const conversations = Number(process.env.BENCH_SERVING_CONVERSATIONS ?? 100_000)

export async function apis() {
  const size = { BENCH_SERVING_SECONDS: seconds, BENCH_SERVING_CONVERSATIONS: String(conversations) }
  const scripts = await bench('./internal/profile', 'Serving$', size, '-benchtime', '1x')
  const pages = await bench('./internal/shape', 'ListPage$', {}, '-benchtime', '500x')
  const [held, ...lists] = pages.runs
  return `## The platforms' own APIs, from the copy

Fifty scripts read pages of fifty for ${seconds} s over ${many(conversations)} conversations, by cursor, offset, status and search, while the
messages are copied as fast as a simulator in another process gives them; the scripts are a third process on the same
processors. To reach: no error, p99 50 ms with a second between a script's requests, copying at half its speed at
least. The first list of all took ${figure(scripts.runs[0]['first-ms'])} ms.

${table(
  ['fifty scripts', 'requests/s', 'errors', 'p50 ms', 'p95 ms', 'p99 ms', 'copying, rows/s', 'of it when quiet'],
  scripts.runs.map((run) => [
    run.name.replace('Serving/', '').replaceAll('-', ' '),
    figure(run['requests/s']),
    String(run.errors),
    figure(run['p50-ms']),
    figure(run['p95-ms']),
    figure(run['p99-ms']),
    figure(run['rows/s']),
    `${Math.round(run['during/quiet'] * 100)} %`,
  ]),
)}

A page alone, of ${many(100_000)} conversations of each platform, that of fifty clients with it; *saving*: while a page of
conversations is saved ten times a second. All lists together take ${figure(held.MB)} MB, ${figure(held['B/conversation'])} bytes a conversation.

${table(
  ['list', 'CPU ms a request', 'p50 ms of fifty at once'],
  lists.map((run) => [
    run.name.replace('ListPage/', '').replaceAll(/[_-]/g, ' '),
    figure(run['cpu-ms/op']),
    figure(run['p50-ms']),
  ]),
)}`
}
