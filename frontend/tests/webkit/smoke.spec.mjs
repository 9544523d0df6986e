// What a person does first, in the window's own engine, against the real
// program: BANDEJA_URL is the launch link of `bandeja demo --serve --still --json`.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Browser, key } from './driver.mjs'

const url = process.env.BANDEJA_URL
assert.ok(url, 'BANDEJA_URL must be the launch link of a running bandeja')
const { origin } = new URL(url)

let page

before(async () => {
  page = await Browser.start()
  await page.go(url)
  await page.until('the screen is there', () => document.querySelector('.office') !== null)
  await page.until('the copy is complete', async () => {
    const state = await (await fetch('/api/state')).json()
    return state.people_ready && state.accounts.every((each) => each.state === 'up_to_date' && !each.reading)
  })
  await page.run(() =>
    fetch('/api/settings', {
      method: 'PATCH',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ language: 'es-AR', theme: 'light' }),
    }),
  )
  await page.run(listen)
})

after(async () => {
  const heard = await page?.run(() => globalThis.heard).catch(() => undefined)
  await page?.stop()
  assert.deepEqual(heard, [])
})

/** Gathers what the page complains of: errors of scripts, and violations of the policy. */
function listen() {
  globalThis.heard = []
  addEventListener('error', ({ message }) => {
    // Not an error: what was observed is told of one frame later.
    if (!message.startsWith('ResizeObserver loop completed')) globalThis.heard.push(message)
  })
  addEventListener('unhandledrejection', (event) => globalThis.heard.push(String(event.reason)))
  addEventListener('securitypolicyviolation', (event) => globalThis.heard.push(`policy: ${event.violatedDirective}`))
}

/** A fresh page of the session, at a place. */
async function open(hash) {
  assert.deepEqual(await page.run(() => globalThis.heard), [])
  await page.go(`${origin}/favicon.svg`)
  await page.go(`${origin}/${hash}`)
  await page.until('the screen is there', () => document.querySelector('.office') !== null)
  await page.run(listen)
}

const ask = (path) => page.run(async (path) => (await fetch(path)).json(), path)
const thread = async () => /t_\w+/.exec(await page.url())?.[0] ?? ''
const opened = () => page.until('messages are there', () => document.querySelector('[data-message]') !== null)

test('the list is painted, newest first, and the launch code is gone from the address', async () => {
  await page.until('rows are there', () => document.querySelectorAll('[role=option]').length > 5)
  assert.ok(!(await page.url()).includes('#k='))
  const { times, first, inside } = await page.run(() => {
    const rows = [...document.querySelectorAll('[role=option]')]
    const box = rows[0].getBoundingClientRect()
    const at = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)
    return {
      times: rows.map((row) => row.querySelector('time').dateTime),
      first: box.height,
      inside: rows[0].contains(at),
    }
  })
  assert.deepEqual(times, [...times].sort().reverse())
  assert.ok(first > 40 && inside, 'the first row has its height, and nothing lies over it')
})

test('a search by keyboard opens what it found, at its end', async () => {
  await open('#/all')
  const { threads } = await ask('/api/threads?view=all&limit=50')
  const name = threads.map((row) => row.name).find((name) => /^\p{L}{4,} \p{L}{4,}$/u.test(name))
  await page.press([key.Control, 'k'])
  await page.until('the box has the focus', () => document.activeElement?.getAttribute('role') === 'combobox')
  await page.type(name.toLowerCase())
  await page.until(
    'the person is found and marked',
    (name) => document.querySelector('dialog [role=option][aria-selected=true]')?.textContent.includes(name),
    name,
  )
  assert.ok((await page.run(() => document.querySelectorAll('dialog mark').length)) > 0)
  await page.press(key.Enter)
  await opened()
  assert.equal(await page.run(() => document.querySelector('.thread h2').textContent), name)
  await page.until('it stands at its end', () => {
    const log = document.querySelector('[role=log]')
    return log.scrollHeight - log.clientHeight - log.scrollTop < 3
  })
})

test('a status is changed by key and taken back, and a reload comes back to the place', async () => {
  await open('#/all')
  await page.until('rows are there', () => document.querySelector('[role=option]') !== null)
  const { threads } = await ask('/api/threads?view=all&limit=50')
  const row = threads.find(({ status, gone, pending }) => status === 'open' && !gone && !pending)
  await page.run((thread) => (location.hash = `#/all/${thread}`), row.thread)
  await opened()
  const status = async () => (await ask(`/api/threads/${row.thread}`)).thread
  await page.press('e')
  await page.until('it is said', () => document.querySelector('.toast .said')?.textContent.startsWith('Resuelta'))
  await page.eventually('it is resolved', async () => (await status()).status === 'resolved')
  await page.press('z')
  await page.eventually('it is open again', async () => {
    const { status: word, pending } = await status()
    return word === 'open' && pending === null
  })
  await page.reload()
  await opened()
  await page.run(listen)
  assert.equal(await thread(), row.thread)
  assert.equal(await page.run(() => document.querySelector('.thread h2').textContent), row.name || row.phone)
})

test('a note is written and kept', async () => {
  await open('#/all')
  await page.until('rows are there', () => document.querySelector('[role=option]') !== null)
  await page.press('j', key.Enter)
  await opened()
  await page.press('n')
  await page.until('the box has the focus', () => document.activeElement?.tagName === 'TEXTAREA')
  await page.type('Pide factura A <b>hoy</b>')
  await page.press([key.Control, key.Enter])
  await page.until(
    'it stands in the thread',
    () => document.querySelector('[role=log] [data-note] .rich')?.textContent === 'Pide factura A <b>hoy</b>',
  )
  const { notes, draft } = await ask(`/api/threads/${await thread()}/notes`)
  assert.deepEqual([notes.map(({ text }) => text), draft], [['Pide factura A <b>hoy</b>'], ''])
})

test('a thread is snoozed until a date and a time that are typed', async () => {
  await open('#/inbox')
  await page.until('rows are there', () => document.querySelector('[role=option]') !== null)
  await page.press('j', 's')
  await page.until('the menu is there', () => document.querySelector('[role=menuitem]') !== null)
  const snoozed = await page.run(() => document.querySelector('[data-active]').dataset.thread)
  await page.press(key.End, key.Enter)
  await page.until('the field has the focus', () => document.activeElement?.type === 'datetime-local')
  const { width, needs } = await page.run(() => {
    const field = document.activeElement
    return { width: field.clientWidth, needs: field.scrollWidth }
  })
  assert.ok(needs <= width, `the field shows all of itself: ${needs} px in ${width}`)
  // The order is that of the browser's own language, which scripts/webkit.sh sets.
  for (const [i, part] of ['04', '14', '2031', '10', '30'].entries()) {
    if (i > 0) await page.press(key.Tab)
    await page.type(part)
  }
  await page.until('all of it is typed', () => document.activeElement.value === '2031-04-14T10:30')
  await page.press(key.Enter)
  await page.eventually('it is snoozed', async () => {
    const until = (await ask(`/api/threads/${snoozed}`)).thread.snoozed?.until
    return until !== undefined && new Date(until).toISOString() === '2031-04-14T13:30:00.000Z'
  })
  await page.until('it left the list', (id) => !document.querySelector(`[role=option][data-thread="${id}"]`), snoozed)
})

test('every page of the settings shows what it is about', async () => {
  const pages = {
    accounts: '.settings li a',
    appearance: 'input[value=dark]',
    notifications: '[role=switch]',
    keys: '[data-command=resolve] .slot',
    people: '[data-human]',
    data: '.settings .path',
  }
  await open('#/settings')
  for (const [name, shows] of Object.entries(pages)) {
    await page.run((name) => (location.hash = `#/settings/${name}`), name)
    await page.until(
      `${name} is there, with nothing beside the window`,
      (shows) => {
        const { width, right } = document.querySelector(shows)?.getBoundingClientRect() ?? { width: 0, right: 0 }
        return width > 0 && right <= innerWidth && document.documentElement.scrollWidth <= innerWidth
      },
      shows,
    )
  }
})

test('Insights draws its charts, says them as tables, and counts another period', async () => {
  await open('#/insights')
  const charts = () => {
    const plots = [...document.querySelectorAll('.drawn .plot')]
    return plots.length > 4 && plots.every((plot) => plot.getBoundingClientRect().height > 60)
  }
  await page.until('the charts are drawn', charts)
  const marks = await page.run(() => document.querySelectorAll('.drawn .plot :is(path, rect, circle)').length)
  assert.ok(marks > 100, `${marks} marks are drawn`)
  await page.click('figure .ways button:last-child')
  await page.until('a table is there', () => document.querySelectorAll('figure table tbody tr').length === 28)
  const summary = () => page.run(() => document.querySelector('.insights .summary').textContent)
  const choose = (to) =>
    page.run((to) => {
      const period = [...document.querySelectorAll('.insights select')].at(-1)
      period.value = to
      period.dispatchEvent(new Event('change', { bubbles: true }))
    }, to)
  // Thousands are set apart as each engine has it.
  const said = async () => (await summary()).replace(/(?<=\d)[.,\s](?=\d)/g, '')
  await choose('all')
  const { report } = await ask('/api/insights?from=oldest')
  const messages = report.days.reduce((all, { messages: n }) => all + n.in + n.out + n.unknown, 0)
  await page.eventually(`${messages} messages are said`, async () => (await said()).includes(` ${messages} `))
  await page.until('the charts are drawn again', () => document.querySelectorAll('.drawn .plot').length > 3)
})

const dayOf = ({ at }) => new Date(at).toLocaleDateString('en-CA', { timeZone: 'America/Argentina/Buenos_Aires' })

/** A thread of some length, a message that is the first of its day, and a word that is long enough to be found. */
async function wordy() {
  const { threads } = await ask('/api/threads?view=all&limit=30')
  for (const { thread } of threads) {
    const { messages } = await ask(`/api/threads/${thread}/messages?limit=100`)
    const words = messages.map(({ text }) => /(?<!\p{L})[a-z]{5,}(?!\p{L})/u.exec(text ?? '')?.[0])
    const word = words.findLast((each) => each !== undefined)
    // The first of those that were read may be of a day that has more.
    const timed = messages.filter(({ at }) => at)
    const first = timed.find((each, i) => i > 0 && dayOf(each) !== dayOf(timed[i - 1]))
    if (messages.length > 20 && first && word) return { thread, first, word }
  }
  return assert.fail('no thread of twenty messages and two days has such a word')
}

const inSight = (message) => {
  const log = document.querySelector('[role=log]').getBoundingClientRect()
  const at = document.querySelector(`[data-message="${message}"]`)?.getBoundingClientRect()
  return at !== undefined && at.top < log.bottom && at.bottom > log.top
}

test('a date that is typed is gone to', async () => {
  const { thread, first } = await wordy()
  await open(`#/all/${thread}`)
  await opened()
  await page.click('.thread .date')
  await page.until('the field has the focus', () => document.activeElement?.closest('dialog') !== null)
  const day = dayOf(first)
  await page.until('the field is there', () => document.querySelector('dialog input') !== null)
  await page.run(() => document.querySelector('dialog input').focus())
  await page.type(day)
  await page.press(key.Enter)
  await page.until('its address has the day', (day) => location.hash.includes(`day=${day}`), day)
  await page.until('the first message of the day is in sight', inSight, first.message)
})

test('words are found in the thread that is open', async () => {
  const { thread, word } = await wordy()
  await open(`#/all/${thread}`)
  await opened()
  await page.press([key.Control, 'f'])
  await page.until('the box has the focus', () => document.activeElement?.closest('search') !== null)
  await page.type(word)
  await page.until('it is counted', () => /^1 de \d+$/.test(document.querySelector('search [role=status]').textContent))
  await page.until(
    'the newest is marked and in sight',
    (word) => {
      const log = document.querySelector('[role=log]').getBoundingClientRect()
      const mark = document.querySelector('.bubble.on mark')
      const at = mark?.getBoundingClientRect()
      return mark?.textContent.toLowerCase() === word && at.top < log.bottom && at.bottom > log.top
    },
    word,
  )
  await page.press(key.Escape)
  await page.until('it is closed', () => document.querySelector('search') === null)
})

test('language and theme change at once, and are there after a reload', async () => {
  await open('#/settings/appearance')
  await page.until('the settings are there', () => document.querySelector('input[value=dark]') !== null)
  const looks = () => {
    const { lang, dataset } = document.documentElement
    const [red] = /\d+/.exec(getComputedStyle(document.body).color)
    return { lang, theme: dataset.theme, dark: Number(red) > 150 }
  }
  assert.deepEqual(await page.run(looks), { lang: 'es-AR', theme: 'light', dark: false })
  await page.click('input[value=dark]')
  await page.click('input[value=en]')
  await page.until('it is in English', () => /Appearance/.test(document.querySelector('main').innerText))
  assert.deepEqual(await page.run(looks), { lang: 'en', theme: 'dark', dark: true })
  await page.eventually('it is kept', async () => {
    const { language, theme } = await ask('/api/settings')
    return language === 'en' && theme === 'dark'
  })
  await open('#/all')
  await page.until('rows are there', () => document.querySelector('[role=option]') !== null)
  assert.deepEqual(await page.run(looks), { lang: 'en', theme: 'dark', dark: true })
})
