// Being told of what customers write while one looks elsewhere: asked for, shown
// once, clicked; and what the server is told of who looks at what.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { at, comes, hash, offices, open, row, tell, until } from './office.mjs'

const inOffice = offices({ threads: 60 })

const section = async (page) => {
  await at(page, '#/settings/notifications')
  await page.waitForSelector('.settings p')
}
const turn = (page) => page.getByRole('switch', { name: 'Avisar de mensajes nuevos' })
const made = (page) => page.evaluate(() => globalThis.made)
const said = (fixture) => [...fixture.notifications.pages.values()]

/** Makes a page one of a browser that answers so, and that remembers what it showed: from when it is opened next. */
function pretend(page, permission, answer = permission) {
  return page.addInitScript(
    ([permission, answer]) => {
      globalThis.made = []
      globalThis.asked = 0
      globalThis.Notification = class {
        static permission = permission
        static async requestPermission() {
          globalThis.asked++
          return (this.permission = answer)
        }
        constructor(title, { tag, body }) {
          globalThis.made.push({ title, tag, body })
          globalThis.last = this
        }
        close() {}
      }
    },
    [permission, answer],
  )
}

/** Opens the page once more in such a browser. */
async function answering(page, fixture, permission, answer) {
  await pretend(page, permission, answer)
  const before = [...fixture.open]
  await page.reload()
  await page.waitForSelector('[role=option]')
  await until(page, 'nobody is told at the page before', () => before.every((each) => !fixture.open.has(each)))
}

describe('switching on', () => {
  test('asks the browser only on the click, and keeps it where it allows', () =>
    inOffice({}, async (page, fixture) => {
      await answering(page, fixture, 'default', 'granted')
      await section(page)
      assert.equal(await page.evaluate(() => globalThis.asked), 0)
      assert.equal(await turn(page).getAttribute('aria-checked'), 'false')
      await turn(page).click()
      await until(page, 'it is kept', () => fixture.notifications.settings.on)
      assert.equal(await page.evaluate(() => globalThis.asked), 1)
      assert.equal(await turn(page).getAttribute('aria-checked'), 'true')
      await until(page, 'the server knows', () => fixture.notifications.able.length === 1)
      await page.getByRole('button', { name: 'Probar una' }).click()
      await until(page, 'one is shown', async () => (await made(page)).length === 1)
      await page.getByText('Te mandamos una.').waitFor()
    }))

  test('that the browser refuses is said, and nothing is kept', () =>
    inOffice({}, async (page, fixture) => {
      await answering(page, fixture, 'default', 'denied')
      await section(page)
      await turn(page).click()
      await page.getByText('El navegador tiene bloqueadas las notificaciones').waitFor()
      assert.equal(fixture.notifications.settings.on, false)
      assert.equal(await turn(page).count(), 0)
    }))

  test('that another browser did asks here by its own button', () =>
    inOffice({}, async (page, fixture) => {
      fixture.notifications.settings = { ...fixture.notifications.settings, on: true }
      await answering(page, fixture, 'default', 'granted')
      await section(page)
      await page.getByText('este navegador todavía no tiene permiso').waitFor()
      assert.equal(fixture.notifications.able.length, 0)
      await page.getByRole('button', { name: 'Permitir en este navegador' }).click()
      await page.getByRole('button', { name: 'Probar una' }).waitFor()
      await until(page, 'the server knows', () => fixture.notifications.able.length === 1)
    }))

  test('where there is no such thing is said', () =>
    inOffice({}, async (page) => {
      await page.addInitScript(() => delete globalThis.Notification)
      await page.reload()
      await page.waitForSelector('[role=option]')
      await section(page)
      await page.getByText('Este navegador no puede mostrar notificaciones.').waitFor()
      assert.equal(await turn(page).count(), 0)
    }))

  test('in the window asks nobody, and says why where the system shows none', () =>
    inOffice({ native: true }, async (page, fixture) => {
      await answering(page, fixture, 'denied')
      await section(page)
      await turn(page).click()
      await until(page, 'it is kept', () => fixture.notifications.settings.on)
      fixture.refuse = (url) =>
        url.pathname.endsWith('/try') ? [503, 'notifications', 'El sistema no mostró la notificación.'] : null
      await page.getByRole('button', { name: 'Probar una' }).click()
      await page.getByText('El sistema no mostró la notificación.').waitFor()
    }))
})

describe('what is chosen', () => {
  test('is kept, each part of it', () =>
    inOffice({}, async (page, fixture, context) => {
      await context.grantPermissions(['notifications'])
      await section(page)
      await turn(page).click()
      await page.getByLabel('El nombre y el texto').check()
      await page.getByLabel('De las mías y las sin asignar').check()
      await page.getByRole('switch', { name: 'También cuando vuelve' }).click()
      await page.getByRole('switch', { name: 'ventas', exact: true }).click()
      await page.getByRole('switch', { name: 'Tener horas de silencio' }).click()
      await page.getByLabel('Desde las').fill('veinte')
      await page.getByLabel('Desde las').blur()
      await comes(page, 'what is no time is left', () => page.getByLabel('Desde las').inputValue(), '20:00')
      await page.getByLabel('Desde las').fill('21.30')
      await page.getByLabel('hasta las').fill('07:15')
      await page.getByLabel('hasta las').blur()
      await page.getByLabel('domingo').uncheck()
      await page.getByLabel('lunes').uncheck()
      await page.getByLabel('lunes').check()
      const want = {
        on: true,
        show: 'text',
        whose: 'mine',
        woken: false,
        muted: ['ventas'],
        quiet: { on: true, from: '21:30', to: '07:15', days: [1, 2, 3, 4, 5, 6] },
      }
      await until(page, 'all is kept', () => JSON.stringify(fixture.notifications.settings) === JSON.stringify(want))
      await page.reload()
      await page.waitForSelector('.settings .hours input')
      assert.equal(await page.getByLabel('Desde las').inputValue(), '21:30')
      assert.ok(await page.getByLabel('El nombre y el texto').isChecked())
      await page.getByRole('switch', { name: 'ventas', exact: true }).click()
      await until(page, 'nobody is muted', () => fixture.notifications.settings.muted.length === 0)
    }))

  test('and cannot be kept is as it was, and says why', () =>
    inOffice({}, async (page, fixture, context) => {
      await context.grantPermissions(['notifications'])
      await section(page)
      fixture.refuse = (url) => (url.pathname === '/api/settings' ? [507, 'disk_full', 'El disco está lleno.'] : null)
      await turn(page).click()
      await page.getByText('El disco está lleno.').waitFor()
      await comes(page, 'it is off', () => turn(page).getAttribute('aria-checked'), 'false')
    }))
})

describe('a notification', () => {
  test('is shown by one of two tabs, as text, and a click opens its thread', () =>
    inOffice({}, async (page, fixture, context) => {
      await answering(page, fixture, 'granted')
      const second = await context.newPage()
      await pretend(second, 'granted')
      await second.goto(fixture.origin)
      await second.waitForSelector('[role=option]')
      await tell(page, fixture, 'notify', {
        tag: 't_000004',
        title: '<b>Ana</b>',
        body: '<img src=x onerror=alert(1)>',
        thread: 't_000004',
      })
      const both = async () => [...(await made(page)), ...(await made(second))]
      await until(page, 'one is shown', async () => (await both()).length > 0)
      await page.waitForTimeout(300)
      assert.deepEqual(await both(), [{ title: '<b>Ana</b>', tag: 't_000004', body: '<img src=x onerror=alert(1)>' }])
      const shower = (await made(page)).length === 1 ? page : second
      await shower.evaluate(() => globalThis.last.onclick())
      await shower.waitForSelector('[data-message]')
      assert.match(await hash(shower), /t_000004/)
      await second.close()
    }))

  test('of several opens the list; one of the window opens its thread', () =>
    inOffice({}, async (page, fixture) => {
      await answering(page, fixture, 'granted')
      await open(page, 't_000003')
      await tell(page, fixture, 'notify', {
        tag: 'joined',
        title: 'Hay novedades en 12 conversaciones',
        body: 'ventas',
        thread: '',
      })
      await until(page, 'one is shown', async () => (await made(page)).length === 1)
      await page.evaluate(() => globalThis.last.onclick())
      await page.waitForFunction(() => location.hash === '#/inbox')
      fixture.tell('goto', { thread: 't_000005' })
      await page.waitForFunction(() => location.hash.includes('t_000005'))
      await row(page, 't_000005').waitFor()
    }))
})

describe('the server', () => {
  test('hears which thread is looked at, and when one looks away; the title counts', () =>
    inOffice({}, async (page, fixture) => {
      await open(page, 't_000003')
      const last = () => said(fixture).at(-1)
      await until(page, 'the thread', () => last()?.thread === 't_000003' && last().focused)
      await page.evaluate(() => {
        document.hasFocus = () => false
        window.dispatchEvent(new Event('blur'))
      })
      await until(page, 'looked away', () => last()?.focused === false)
      await until(page, 'the title counts', async () => /^\(\d+\) Bandeja$/.test(await page.title()))
      await until(page, 'the same number', async () => `(${last().unread}) Bandeja` === (await page.title()))
      assert.equal(said(fixture).length, 1, 'one page has one name')
    }))
})
