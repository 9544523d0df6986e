// Both platforms with hostile texts in every field that carries one: a server
// before the simulator that writes them into its answers. A field of an object
// has the same text each time it is read.

import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { payloads } from './payloads.mjs'

// What carries text, wherever it stands in an answer.
const texts = new Set(
  (
    'name formatted_name first_name lastMessagePreview contactName topic platform operation text body caption filename ' +
    'address title description templateNameSnapshot content emoji message errorMessage errorDetails headline source'
  ).split(' '),
)
// Lists of texts, and refs: of each so many in a row one stays what it was, so that the office goes on working.
const lists = new Set(['tags', 'owners', 'labels', 'utm'])
const words = {
  status: 4,
  type: 5,
  contentType: 5,
  lastMessageStatus: 2,
  assignedTo: 2,
  phoneNumberId: 3,
  phoneNumber: 5,
}

/** Starts it before the platforms at `origin`. `failing` makes it refuse all, and `refusing` all changes. */
export async function startPlatforms(origin) {
  const platforms = { failing: false, refusing: false }
  const given = new Map()
  const turns = new Map()

  /** The text of a place: the next of all there are, for each field by itself. */
  const hostile = (field, place, every, was) => {
    const key = `${field} ${place}`
    if (!given.has(key)) {
      const turn = turns.get(field) ?? 0
      turns.set(field, turn + 1)
      given.set(key, turn % every === 0 ? payloads[Math.floor(turn / every) % payloads.length] : null)
    }
    return given.get(key) ?? was
  }

  const rewrite = (value, owner, field) => {
    if (Array.isArray(value)) return value.map((each, i) => rewrite(each, `${owner}/${i}`, field))
    if (value !== null && typeof value === 'object') {
      const id = typeof value.id === 'string' ? value.id : owner
      return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, rewrite(each, id, key)]))
    }
    if (typeof value !== 'string') return value
    if (texts.has(field) || lists.has(field)) return hostile(field, owner, 1, value)
    if (Object.hasOwn(words, field)) return hostile(field, owner, words[field], value)
    return value
  }

  const refusal = (status) => {
    const text = payloads[platforms.refused++ % payloads.length]
    return [
      status,
      JSON.stringify({ error: { code: text, message: text }, code: text, message: text, details: [text] }),
    ]
  }
  platforms.refused = 0

  const server = createServer((req, res) => {
    void answer(req).then(
      ([status, body]) => {
        res.writeHead(status, { 'Content-Type': 'application/json' })
        res.end(body)
      },
      () => res.destroy(),
    )
  })

  async function answer(req) {
    const sent = await text(req)
    if (platforms.failing) return refusal(500)
    if (platforms.refusing && req.method === 'PATCH') return refusal(422)
    const asked = await fetch(origin + req.url, {
      method: req.method,
      headers: { Authorization: req.headers.authorization ?? '', 'Content-Type': 'application/json' },
      ...(sent ? { body: sent } : {}),
    })
    const body = await asked.text()
    return [asked.status, body ? JSON.stringify(rewrite(JSON.parse(body), '', '')) : body]
  }

  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  platforms.origin = `http://127.0.0.1:${server.address().port}`
  platforms.close = () => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  }
  return platforms
}
