// Every screen there is: how to come to it, and in which office.

import assert from 'node:assert/strict'
import { complaints } from '../browser.mjs'
import { startFixture } from '../fixture/server.mjs'
import { at, withFrames } from '../page.mjs'

const now = Date.parse('2026-04-13T17:02:00Z')

export const sizes = {
  wide: { width: 1280, height: 800 },
  small: { width: 800, height: 600 },
  zoomed: { width: 400, height: 300 },
}
const rows = (page) => page.waitForSelector('[role=option]')
const messages = (page) => page.waitForSelector('[data-message]')

/** Asks to forget the person whose panel is open, and means it. */
async function forget(page, meant) {
  await page.locator('[data-forget]').last().click()
  const yes = page.locator('dialog:modal .button.main')
  await yes.waitFor()
  if (meant) await yes.click()
}

/** The first look over all messages is half done, and stays so. */
function counting(fixture) {
  fixture.insights.steps = 1
  let asked = 0
  fixture.hold = ({ pathname }) => (pathname === '/api/insights' && asked++ ? new Promise(() => {}) : undefined)
}

/** What is done to come to a screen, and in which office. */
const every = {
  list: { do: rows },
  list_compact: { density: 'compact', at: '#/inbox/t_000003', do: messages },
  thread: { at: '#/inbox/t_000003', do: messages },
  notes: { scenario: 'notes', at: '#/inbox/t_000003', do: (page) => page.waitForSelector('[data-note]') },
  incomplete: { at: '#/inbox/t_000007', do: messages },
  sessions: { at: '#/inbox/t_000010', do: messages },
  kinds: { scenario: 'kinds', at: '#/all/t_000003', do: messages },
  kinds_up: { scenario: 'kinds', at: '#/all/t_000003?m=k8', do: messages },
  kinds_top: { scenario: 'kinds', at: '#/all/t_000003?m=k2', do: messages },
  day_on_top: { at: '#/all/t_000010', do: async (page) => (await messages(page), await scrollUp(page)) },
  panel: {
    at: '#/inbox/t_000002?panel',
    do: (page) => page.getByText('9.', { exact: false }).first().waitFor({ state: 'attached' }),
  },
  forget: { at: '#/inbox/t_000002?panel', do: (page) => forget(page, false) },
  forget_running: {
    prepare: ({ office }) => (office.forgetting.held = new Promise(() => {})),
    asks: 'for ever',
    at: '#/inbox/t_000002?panel',
    do: async (page) => (await forget(page, true), await page.waitForSelector('dialog progress')),
  },
  forget_receipt: {
    at: '#/inbox/t_000002?panel',
    do: async (page) => (await forget(page, true), await page.waitForSelector('dialog pre')),
  },
  search: { at: '#/inbox/t_000003?find=gar', do: (page) => page.waitForSelector('dialog [role=option]') },
  search_empty: { at: '#/inbox?find', do: (page) => page.waitForSelector('dialog[open]') },
  search_nothing: { at: '#/inbox?find=zzzz', do: (page) => page.waitForSelector('dialog strong') },
  search_complete: {
    at: '#/inbox?find',
    do: async (page) => (
      await dialog(page),
      await page.waitForSelector('dialog input:focus'),
      await page.keyboard.type('cuenta:'),
      await page.waitForSelector('dialog [role=option][aria-selected=true] kbd')
    ),
  },
  search_problem: {
    at: '#/inbox?find=estado:abirta%20pedido',
    do: (page) => page.waitForSelector('dialog .problem .button'),
  },
  search_filter: {
    at: '#/inbox?find=estado:abierta%20cuenta:ventas%20gar',
    do: (page) => page.waitForSelector('dialog .part'),
  },
  search_incomplete: {
    scenario: 'first_copy',
    at: '#/inbox?find=gar',
    do: (page) => page.waitForSelector('dialog .coverage li'),
  },
  filtered: { at: '#/all?q=etiqueta:vip', do: (page) => page.waitForSelector('.filter .part:not(.word)') },
  filtered_nothing: {
    scenario: 'first_copy',
    at: '#/all?q=zzzz',
    do: (page) => page.waitForSelector('.lacking button'),
  },
  view_save: {
    at: '#/all?q=etiqueta:vip',
    do: async (page) => (await page.locator('.filter .foot button').first().click(), await dialog(page)),
  },
  find: { at: '#/all/t_000010', do: (page) => findWords(page, 'turno') },
  find_partly: { at: '#/all/t_000007', do: (page) => findWords(page, 'zzzz') },
  export: {
    at: '#/all/t_000010?together',
    do: async (page) => (await messages(page), await exportThem(page)),
  },
  export_list: {
    at: '#/all?q=etiqueta:vip',
    do: async (page) => (await page.click('.bar .icon-button >> nth=-1'), await dialog(page)),
  },
  dates: { at: '#/all/t_000010', do: pickDay },
  dates_partly: { at: '#/all/t_000007', do: pickDay },
  day: { at: '#/all/t_000010?day=2026-04-06', do: messages },
  day_none: { at: '#/all/t_000007?day=2024-01-20', do: (page) => page.waitForSelector('.notice.partly') },
  together: { at: '#/inbox/t_000002?together', do: (page) => page.waitForSelector('.bubble .from') },
  help: {
    do: async (page) => (await rows(page), await page.keyboard.press('?'), await page.waitForSelector('dialog[open]')),
  },
  insights: { at: '#/insights', do: (page) => page.waitForSelector('.drawn .plot') },
  insights_tables: { at: '#/insights?period=all', do: tables },
  insights_own: { at: '#/insights?period=2026-03-01..2026-03-20', do: (page) => page.waitForSelector('.drawn .plot') },
  insights_wrong: {
    at: '#/insights?period=2026-03-20..2026-03-01',
    do: (page) => page.waitForSelector('[role=alert]'),
  },
  insights_quiet: {
    prepare: ({ insights }) => (insights.quiet = true),
    at: '#/insights',
    do: (page) => page.waitForSelector('.insights .summary'),
  },
  insights_counting: {
    prepare: counting,
    asks: 'for ever',
    at: '#/insights',
    do: (page) => page.waitForSelector('.insights progress'),
  },
  settings_notifications: {
    leave: ['notifications'],
    at: '#/settings/notifications',
    do: notify,
  },
  sorted: { at: '#/inbox?sort=waiting', do: rows },
  sort_menu: {
    do: async (page) => (
      await rows(page),
      await page.click('header [aria-haspopup=menu]:visible'),
      await page.waitForSelector('[role=menuitemradio]')
    ),
  },
  settings_keys: { at: '#/settings/keys', do: (page) => page.waitForSelector('[data-command]') },
  settings_keys_taken: { at: '#/settings/keys', do: takeKey },
  settings_appearance: { at: '#/settings/appearance', do: (page) => page.waitForSelector('.settings fieldset') },
  drawer: {
    skip: ['wide', 'small'],
    do: async (page) => (
      await rows(page),
      await page.click('header .menu'),
      await page.waitForSelector('dialog[open]')
    ),
  },
  welcome: { scenario: 'empty', do: (page) => page.waitForSelector('h1') },
  connect_waspy: { scenario: 'empty', at: '#/connect/waspy', do: (page) => page.waitForSelector('form') },
  connect_platica: { scenario: 'empty', at: '#/connect/platica', do: (page) => page.waitForSelector('form') },
  connect_error: { scenario: 'empty', at: '#/connect/waspy', do: connectWrongly },
  connected: { scenario: 'empty', at: '#/connect/platica', do: connect },
  first_moment: { scenario: 'first_moment', do: (page) => page.waitForSelector('.list h2') },
  first_copy: { scenario: 'first_copy', do: rows },
  catching_up: { scenario: 'catching_up', do: rows },
  offline: { scenario: 'offline', do: rows },
  refused: { scenario: 'refused', do: rows },
  failing: { scenario: 'failing', do: rows },
  limited: { scenario: 'limited', do: rows },
  held: { scenario: 'held', do: rows },
  disk_full: { scenario: 'disk_full', do: rows },
  damaged: { scenario: 'damaged', do: rows },
  read_only: { scenario: 'read_only', do: rows },
  notices: { scenario: 'notices', do: rows },
  conflict: { scenario: 'conflict', at: '#/all/t_000003', do: (page) => page.waitForSelector('[data-question]') },
  conflict_row: { scenario: 'conflict', at: '#/all', do: rows },
  tray: { scenario: 'conflict', do: (page) => keys(page, 'g', 't') },
  tray_empty: { do: (page) => keys(page, 'g', 't') },
  history: { scenario: 'history', at: '#/all/t_000003', do: (page) => page.waitForSelector('.change') },
  history_panel: {
    scenario: 'history',
    at: '#/all/t_000003?panel',
    do: (page) => page.getByText('vip').last().waitFor({ state: 'attached' }),
  },
  gone_kept: { scenario: 'gone', at: '#/inbox/t_000003', do: messages },
  status_menu: {
    at: '#/all/t_000004',
    do: async (page) => (await messages(page), await page.click('[data-menu=status]')),
  },
  assign_menu: {
    at: '#/all/t_000003',
    do: async (page) => (await messages(page), await page.click('[data-menu=assign]')),
  },
  assign_several: {
    at: '#/all/t_000004',
    do: async (page) => (await messages(page), await page.click('[data-menu=assign]')),
  },
  row_menu: { do: async (page) => (await rows(page), await page.click('[data-thread=t_000001]', { button: 'right' })) },
  who: { at: '#/all/t_000003', do: async (page) => (await messages(page), await keys(page, 'm'), await dialog(page)) },
  settings_data: { at: '#/settings/data', do: (page) => page.waitForSelector('.settings .path') },
  settings_data_backup: { at: '#/settings/data', do: saveBackup },
  settings_data_check: { at: '#/settings/data', do: checkProfile },
  settings_access: { at: '#/settings/access', do: (page) => page.waitForSelector('[data-token]') },
  settings_access_made: { at: '#/settings/access', do: makeToken },
  settings_people: { at: '#/settings/people', do: (page) => page.waitForSelector('[data-human]') },
  settings_people_crowd: { scenario: 'crowd', at: '#/settings/people', do: filterPeople },
  settings_people_none: {
    scenario: 'nobody',
    at: '#/settings/people',
    do: (page) => page.waitForSelector('.settings .text + .text'),
  },
  expired: { at: '#/all/t_000004', do: expire },
  toast: { do: async (page) => (await keys(page, 'j', 'e'), await page.waitForSelector('.toast:not([hidden])')) },
  bulk: { at: '#/all', do: (page) => keys(page, 'j', 'x', 'j', 'x', 'j', 'j', 'x') },
  bulk_whole: { do: whole },
  bulk_whole_preview: { do: async (page) => (await whole(page), await previewOf(page)) },
  bulk_preview: { at: '#/all', do: previewPending },
  mine: { at: '#/mine', do: rows },
  mine_unknown: { at: '#/mine?account=ventas', do: (page) => page.waitForSelector('.list .actions button') },
  who_am_i: { at: '#/mine?account=ventas', do: sayWho },
  snooze_menu: { at: '#/all/t_000003', do: snoozeMenu },
  snooze_pick: { at: '#/all/t_000003', do: async (page) => (await snoozeMenu(page), await keys(page, 'End', 'Enter')) },
  snoozed: {
    scenario: 'snoozed',
    at: '#/snoozed/t_000004',
    do: async (page) => (await messages(page), await page.waitForSelector('[data-snoozed]', { state: 'attached' })),
  },
  snoozed_back: { scenario: 'snoozed', do: (page) => page.waitForSelector('[data-snoozed=message]') },
  settings_accounts: {
    scenario: 'refused',
    at: '#/settings/accounts',
    do: (page) => page.waitForSelector('.settings li a'),
  },
  account: { at: '#/settings/accounts/ventas', do: (page) => page.waitForSelector('.settings table') },
  account_failing: {
    scenario: 'failing',
    at: '#/settings/accounts/ventas',
    do: (page) => page.waitForSelector('.settings table'),
  },
  account_end: { at: '#/settings/accounts/ventas', do: accountEnd },
  account_key: { at: '#/settings/accounts/soporte', do: newKey },
  account_key_refused: { at: '#/settings/accounts/soporte', do: (page) => newKey(page, 'wrong') },
  account_remove: { scenario: 'conflict', at: '#/settings/accounts/ventas', do: removeAccount },
  nothing: { at: '#/spam?account=nobody', do: (page) => page.waitForSelector('.list h2') },
  gone: { at: '#/inbox/t_nobody', do: (page) => page.waitForSelector('.thread .actions button') },
  unreachable: {
    prepare: (fixture) => (fixture.refuse = () => [503, 'down']),
    do: (page) => page.waitForSelector('h1'),
  },
  locked: { locked: true, do: (page) => page.waitForSelector('h1') },
}

const some = process.env.BANDEJA_SOME?.split(',')

/** The screens to look at: all, or those that $BANDEJA_SOME names. */
export const screens = Object.fromEntries(Object.entries(every).filter(([name]) => !some || some.includes(name)))

async function takeKey(page) {
  await page.locator('[data-command=resolve] .slot').first().click()
  await page.keyboard.press('n')
  await page.waitForSelector('[role=alert]')
}

async function tables(page) {
  await page.waitForSelector('.drawn .plot')
  for (const way of await page.locator('.ways button:last-child').all()) await way.click()
  await page.waitForSelector('figure table')
}

async function connect(page) {
  await page.fill('input[type=text] >> nth=0', 'soporte')
  await page.fill('input[type=password]', 'key')
  await page.click('button[type=submit]')
  await page.waitForSelector('.done')
}

async function connectWrongly(page) {
  await page.fill('input[type=text] >> nth=0', 'ventas')
  await page.fill('input[type=password]', 'wrong')
  await page.click('button[type=submit]')
  await page.waitForSelector('[aria-invalid=true]')
}

async function findWords(page, words) {
  await messages(page)
  await page.keyboard.press('Control+f')
  await page.waitForSelector('search input:focus')
  await page.keyboard.type(words)
  await page.waitForFunction(() => document.querySelector('search [role=status]').textContent !== '')
}

async function exportThem(page) {
  await page.keyboard.press('Control+k')
  await dialog(page)
  await page.keyboard.type('export')
  await page.getByRole('option', { name: /^Export/ }).click()
  await page.waitForSelector('dialog fieldset')
}

async function scrollUp(page) {
  await drawn(page)
  for (let tries = 0; tries < 20 && (await page.locator('.over').count()) === 0; tries++) {
    await page.locator('[role=log]').evaluate((each) => (each.scrollTop -= 70))
    await drawn(page)
  }
  await page.waitForSelector('.over')
}

async function pickDay(page) {
  await messages(page)
  await page.click('.thread .date')
  await page.waitForSelector('.day.marked')
}

async function notify(page) {
  await page.getByRole('switch').first().click()
  await page.getByRole('switch').last().click()
  await page.waitForSelector('.hours input')
}

async function snoozeMenu(page) {
  await messages(page)
  await page.click('[data-menu=snooze]')
  await page.waitForSelector('[role=menuitem]')
}

async function sayWho(page) {
  await page.click('.list .actions button')
  await dialog(page)
}

const dialog = (page) => page.waitForSelector('dialog[open]')

async function keys(page, ...pressed) {
  await page.waitForSelector('[role=option]', { state: 'attached' })
  for (const key of pressed) await page.keyboard.press(key)
}

async function filterPeople(page) {
  await page.fill('.settings [type=search]', 'agente.99')
  await page.waitForFunction(() => document.querySelectorAll('[data-human]').length < 20)
}

async function expire(page) {
  await messages(page)
  await page.click('[data-menu=status]')
  await page.keyboard.press('End')
  await page.keyboard.press('Enter')
  await dialog(page)
}

async function previewPending(page) {
  await keys(page, 'j', 'x', 'Shift+ArrowDown', 'Shift+ArrowDown', 'Shift+ArrowDown', 'Shift+ArrowDown')
  await previewOf(page)
}

async function whole(page) {
  await keys(page, 'Control+a')
  await page.click('[data-whole]')
}

async function previewOf(page) {
  await page.click('[data-bulk=status]')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.waitForSelector('dialog li')
}

async function accountEnd(page) {
  await page.waitForSelector('.settings table')
  await page.locator('.settings section').last().scrollIntoViewIfNeeded()
}

async function newKey(page, key = 'key') {
  await page.fill('.settings input[type=password]', key)
  await page.keyboard.press('Enter')
  await page.waitForSelector(key === 'wrong' ? '.settings [role=alert]:not(:empty)' : '.settings .reach')
}

async function removeAccount(page) {
  await page.locator('.settings section button').last().click()
  await dialog(page)
}

/** Waits until nothing has changed for some frames, however long each takes, and nothing moves. */
async function drawn(page) {
  await withFrames(page)
  await page.evaluate(async () => {
    let same = 0
    const watch = new MutationObserver(() => (same = 0))
    watch.observe(document, { subtree: true, childList: true, attributes: true, characterData: true })
    const moves = () => document.getAnimations().some(({ playState }) => playState === 'running')
    while (same < 10) {
      await globalThis.frame()
      same = moves() ? 0 : same + 1
    }
    watch.disconnect()
  })
}

/** Waits until all that was asked is answered, and drawn. */
async function calm(page, fixture, { asks }) {
  const last = Date.now() + 60_000
  for (let answered = false; !answered;) {
    assert.ok(Date.now() < last, `${fixture.busy} requests are never answered`)
    const before = fixture.busy
    await drawn(page)
    answered = asks === 'for ever' || before + fixture.busy === 0
  }
}

/**
 * Comes to a screen in a page of its own, and looks at it.
 *
 * @param how the language, the theme, the size (a name of `sizes`), the folder of the interface, and what else the browser is to be like
 */
export async function visit(browser, screen, { lang, theme = 'light', size = 'wide', dist, ...like }, look) {
  const fixture = await startFixture({
    lang,
    theme,
    now,
    dist,
    density: screen.density,
    scenario: screen.scenario,
    threads: 120,
  })
  const context = await browser.newContext({
    viewport: sizes[size],
    locale: lang,
    colorScheme: theme,
    timezoneId: 'America/Argentina/Buenos_Aires',
    ...like,
  })
  if (screen.leave) await context.grantPermissions(screen.leave)
  const page = await context.newPage()
  const heard = complaints(page)
  try {
    await page.clock.setFixedTime(now)
    if (screen.locked) fixture.code = 'another'
    screen.prepare?.(fixture)
    await page.goto(fixture.url)
    if (screen.at) {
      await page.waitForSelector('.office')
      await at(page, screen.at)
    }
    await screen.do(page)
    await calm(page, fixture, screen)
    await look(page)
    assert.deepEqual(heard, [])
  } finally {
    await context.close()
    await fixture.close()
  }
}

async function saveBackup(page) {
  await page.waitForSelector('.settings .path')
  for (const each of await page.locator('.settings input[type=password]').all()) await each.fill('una frase')
  await page.locator('.settings form').evaluate((form) => form.requestSubmit())
  await page.waitForFunction(() => document.querySelector('.settings .outcome').textContent.includes('.bandeja'))
}

async function checkProfile(page) {
  await page.waitForSelector('.settings .path')
  const check = page.locator('.settings section').last().locator('button').first()
  await check.click()
  await page.waitForSelector('.settings pre')
  await page.locator('.settings h3').last().scrollIntoViewIfNeeded()
}

async function makeToken(page) {
  await page.waitForSelector('[data-token]')
  await page.fill('.settings form input[type=text]', 'otra-planilla')
  await page.locator('.settings form [type=submit]').click()
  await page.waitForSelector('.settings .made')
  await page.locator('.settings .made').scrollIntoViewIfNeeded()
}
