// Starts `bandeja serve --no-sync` on the profile in BANDEJA_PROFILE nine times
// and prints the median from the process to the first page of the list.
import { spawn } from 'node:child_process'

const times = []
for (let n = 0; n < 9; n++) {
  const began = performance.now()
  const app = spawn(process.argv[2], ['serve', '--no-sync', '--json', '--listen', '127.0.0.1:0'])
  const line = await new Promise((resolve) => app.stdout.once('data', (data) => resolve(String(data))))
  const { url, origin } = JSON.parse(line)
  const json = { 'Content-Type': 'application/json' }
  const session = await fetch(origin + '/api/session', { method: 'POST', headers: json, body: JSON.stringify({ code: new URL(url).hash.slice(3) }) })
  const cookie = session.headers.get('set-cookie').split(';')[0]
  await (await fetch(origin + '/api/threads?limit=50', { headers: { cookie } })).json()
  times.push(performance.now() - began)
  app.kill()
  await new Promise((resolve) => app.once('exit', resolve))
}
times.sort((a, b) => a - b)
console.log(`to the first page of the list: ${times[4].toFixed(0)} ms median of ${times.length}`)
