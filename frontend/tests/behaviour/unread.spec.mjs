// Where a thread is opened: at the first message that nobody has read, or at its end.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { at, comes, offices, open, still, tell, until } from './office.mjs'

const inOffice = offices({ threads: 20 })

const log = (page) => page.locator('[role=log]')
const line = (page) => page.getByText('Sin leer desde acá', { exact: true })
const newest = (page, fixture, thread) =>
  page.locator(`[data-message="${fixture.office.messagesOf(thread).at(-1).message}"]`)

/** How far below the log's top something stands, in the log's height; null where it is not there. */
const depth = (page, what) =>
  what.first().evaluate((each) => {
    const log = document.querySelector('[role=log]').getBoundingClientRect()
    return (each.getBoundingClientRect().top - log.top) / log.height
  })

/** Makes the newest `count` messages of a thread the customer's, and unread. */
function leave(fixture, thread, count, change = (message) => message) {
  const all = fixture.office.messagesOf(thread)
  const row = fixture.office.row(thread)
  all
    .slice(-count)
    .forEach((each) => Object.assign(change(each), { direction: 'in', kind: 'text', text: each.text || 'hola' }))
  row.last = { direction: 'in', kind: 'text', text: all.at(-1).text, status: 'received' }
  fixture.office.reading.mark(thread, all.at(-count - 1)?.at ?? '1970-01-01T00:00:00.000Z')
  return all.at(-count)
}

test('opens at the first unread message, with what was read above it, and stays there', () =>
  inOffice({}, async (page, fixture) => {
    const thread = 't_000010'
    const first = leave(fixture, thread, 60)
    fixture.asked.length = 0
    await open(page, thread)
    await still(page)
    const stands = await depth(page, line(page))
    assert.ok(stands > 0.15 && stands < 0.4, `the line is at ${stands}`)
    assert.ok((await depth(page, page.locator(`[data-message="${first.message}"]`))) > stands)
    assert.ok(await page.getByRole('button', { name: 'Ir al final' }).isVisible())
    // It was marked read only when it was known from where on it was not.
    const asked = fixture.asked.filter((each) => /t_000010\/(open|messages)/.test(each))
    assert.match(asked[0], /messages\?.*at=unread/)
    await until(page, 'it is marked read', () => fixture.asked.includes(`POST /api/threads/${thread}/open`))
    fixture.office.write(thread, 'otra cosa')
    await tell(page, fixture, 'threads', { threads: [thread] })
    await page.waitForTimeout(900)
    assert.ok(Math.abs((await depth(page, line(page))) - stands) < 0.01, 'what arrives moves nothing')
    await page.getByRole('button', { name: /ir al final/i }).click()
    await newest(page, fixture, thread).waitFor()
    await until(page, 'at the end', async () => (await page.locator('.log .end').count()) === 0)
    await log(page).evaluate((each) => (each.scrollTop -= 200))
    await until(page, 'back at the line', async () => {
      if (await line(page).count()) return true
      await log(page).evaluate((each) => (each.scrollTop -= 500))
      return false
    })
    // Opened again it is read: no line, and at its end.
    await open(page, 't_000003')
    await at(page, `#/all/${thread}`)
    await newest(page, fixture, thread).waitFor()
    await still(page)
    assert.equal(await line(page).count(), 0)
    await comes(page, 'at its end', () => page.locator('.log .end').count(), 0)
  }))

test('of a few unread messages the line is in sight, however tall they are; short ones stand at the end', () =>
  inOffice({}, async (page, fixture) => {
    for (const [thread, text] of [
      ['t_000010', 'hola'],
      ['t_000006', 'una línea\n'.repeat(9)],
    ]) {
      leave(fixture, thread, 3, (message) => Object.assign(message, { text }))
      await open(page, thread)
      await still(page)
      const stands = await depth(page, line(page))
      assert.ok(stands >= 0 && stands < 0.9, `${thread}: the line is at ${stands}`)
      if (text === 'hola') await comes(page, 'at the end', () => page.locator('.log .end').count(), 0)
    }
    const thread = 't_000012' // more than the pane holds: the line, and not the end
    leave(fixture, thread, 4, (message) => Object.assign(message, { text: 'una línea\n'.repeat(30) }))
    await open(page, thread)
    await still(page)
    const stands = await depth(page, line(page))
    assert.ok(stands > 0.15 && stands < 0.4, `the line is at ${stands}`)
  }))

/** From the next change of the address on no frame is drawn for `ms`, while timers run: as where the machine is busy. */
async function late(page, ms) {
  await page.addInitScript((ms) => {
    let from = Infinity
    const once = (drawn) => {
      const left = from - performance.now()
      if (left > 0 && left < Infinity) setTimeout(drawn, left)
      else drawn()
    }
    const { ResizeObserver, requestAnimationFrame } = globalThis
    globalThis.ResizeObserver = class extends ResizeObserver {
      constructor(sizes) {
        super((...args) => once(() => sizes(...args)))
      }
    }
    globalThis.requestAnimationFrame = (next) => requestAnimationFrame((at) => once(() => next(at)))
    window.addEventListener('hashchange', () => (from = performance.now() + ms), { capture: true, once: true })
  }, ms)
  await page.reload()
  await page.waitForSelector('[role=option]')
}

test('it stands at the line though it is long until the first frame', () =>
  inOffice({}, async (page, fixture) => {
    const thread = 't_000012'
    leave(fixture, thread, 4, (message) => Object.assign(message, { text: 'una línea\n'.repeat(30) }))
    await late(page, 700)
    await open(page, thread)
    await page.waitForTimeout(800)
    await still(page)
    const stands = await depth(page, line(page))
    assert.ok(stands > 0.15 && stands < 0.4, `the line is at ${stands}`)
  }))

test('the first unread message may be thousands up, and the address may be all that is known', () =>
  inOffice({}, async (page, fixture) => {
    const thread = 't_000010'
    const all = fixture.office.messagesOf(thread)
    const start = Date.parse(all[0].at)
    all.unshift(
      ...Array.from({ length: 4000 }, (_, i) => ({
        ...all[0],
        message: `old${i}`,
        text: `viejo ${i}`,
        kind: 'text',
        direction: 'in',
        at: new Date(start - (4000 - i) * 60_000).toISOString(),
      })),
    )
    const first = leave(fixture, thread, 4300)
    await at(page, `#/spam/${thread}`) // not in the list that is shown
    await page.locator(`[data-message="${first.message}"]`).waitFor()
    await still(page)
    const stands = await depth(page, line(page))
    assert.ok(stands > 0.15 && stands < 0.4, `the line is at ${stands}`)
    assert.ok(!fixture.asked.some((each) => /messages\?(before|after)=/.test(each) && each.includes('limit=500')))
  }))

test('where the mark is older than what is kept, the line stands below what says that history lacks', () =>
  inOffice({}, async (page, fixture) => {
    const thread = 't_000007'
    leave(fixture, thread, fixture.office.messagesOf(thread).length)
    await open(page, thread)
    await still(page)
    const banner = page.locator('.incomplete')
    assert.ok(await banner.isVisible())
    assert.ok((await depth(page, line(page))) > (await depth(page, banner)))
    assert.equal(await line(page).count(), 1)
  }))

test('an unread message that the copy lacks yet gets its line when it comes', () =>
  inOffice({}, async (page, fixture) => {
    const thread = 't_000010'
    const all = fixture.office.messagesOf(thread)
    leave(fixture, thread, 1)
    const late = all.pop()
    await open(page, thread)
    await still(page)
    assert.equal(await line(page).count(), 0)
    all.push(late)
    await tell(page, fixture, 'threads', { threads: [thread] })
    await line(page).waitFor()
    await newest(page, fixture, thread).waitFor()
    await still(page)
    assert.ok((await depth(page, newest(page, fixture, thread))) > (await depth(page, line(page))))
  }))

test('a message that is looked for is stood at, not the first unread one', () =>
  inOffice({}, async (page, fixture) => {
    const thread = 't_000010'
    leave(fixture, thread, 8)
    const sought = fixture.office.messagesOf(thread).at(-200).message
    await at(page, `#/all/${thread}?m=${sought}`)
    await page.locator(`[data-message="${sought}"] .on`).waitFor()
    await still(page)
    assert.equal(await line(page).count(), 0) // it is further down
    await page.getByRole('button', { name: 'Ir al final' }).click()
    await still(page)
  }))
