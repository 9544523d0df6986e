// Changing all of a view, also what was not read of it: offered, counted before,
// made once by the server, taken back as one. And what leaves the view is said.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { violations } from '../axe.mjs'
import { at, comes, keys, offices, open, row, until } from './office.mjs'

const inOffice = offices({ threads: 300 })

const bar = (page) => page.getByRole('toolbar', { name: 'Conversaciones elegidas' })
const toast = (page) => page.locator('.toast')
const active = (page) => page.locator('[data-active]').getAttribute('data-thread')
const asked = (fixture, what) => fixture.asked.filter((each) => each === what).length
const counted = (page) => page.getByRole('dialog').locator('li')

/** Chooses all of the view that is shown, by key and then by button. */
async function chooseWhole(page) {
  await keys(page, 'Control+a')
  await page.locator('[data-whole]').click()
}

/** Asks for a status of what is chosen. */
async function status(page, name) {
  await bar(page).getByRole('button', { name: 'Estado…' }).click()
  await page.getByRole('menuitemradio', { name }).click()
  await counted(page).first().waitFor()
}

describe('all of a view', () => {
  test('is offered once all that is read is chosen; counted; changed; and one undo gives each its own back', () =>
    inOffice({}, async (page, fixture) => {
      const { office } = fixture
      const all = office.view('inbox', '')
      assert.ok(all.length > 100, `${all.length} is more than is read`)
      all[1].status = all[1].status_word = 'pending'
      all.at(-1).assignees = ['x']
      const before = structuredClone(all.map(({ thread, status, assignees }) => ({ thread, status, assignees })))
      await keys(page, 'Control+a')
      await bar(page).getByText('50 elegidas').waitFor()
      await page.getByRole('button', { name: `Elegir las ${all.length} de esta vista` }).click()
      await bar(page).getByText(`${all.length} elegidas`).waitFor()
      await page.getByText(`Están elegidas las ${all.length} de esta vista.`).waitFor()
      assert.deepEqual(await violations(page), [])
      await status(page, 'Resuelta')
      const [change] = await counted(page).allInnerTexts()
      assert.match(change, new RegExp(`^${all.length}\\s`))
      await page.getByRole('dialog', { name: `¿Cambiar ${all.length} conversaciones?` }).waitFor()
      assert.ok(
        all.every((each) => each.status !== 'resolved'),
        'nothing is changed before it is said',
      )
      await keys(page, 'Enter')
      await until(page, 'all are', () => all.every((each) => each.status === 'resolved'))
      await toast(page).getByText(`Cambiaste ${all.length} conversaciones`).waitFor()
      await until(page, 'the list is empty', async () => (await page.locator('[role=option]').count()) === 0)
      await comes(page, 'the bar is gone', () => bar(page).count(), 0)
      assert.equal(asked(fixture, 'POST /api/acts'), 1)
      await keys(page, 'z')
      await until(page, 'each is as it was', () =>
        before.every(({ thread, status, assignees }) => {
          const now = office.row(thread)
          return now.status === status && now.assignees.join() === assignees.join()
        }),
      )
      await toast(page).getByText(`Deshecho en ${all.length} conversaciones`).waitFor()
      await row(page, before[0].thread).waitFor()
    }))

  test('of what is filtered, and none that does not fit it', () =>
    inOffice({}, async (page, fixture) => {
      await at(page, '#/all?q=estado:abierta')
      await page.locator('.bar .filtered').waitFor()
      await page.waitForSelector('[role=option]')
      const open = fixture.office.finding
        .rows(fixture.office.view('all', ''), 'estado:abierta')
        .map(({ thread }) => thread)
      const others = fixture.office.view('all', '').filter(({ thread }) => !open.includes(thread))
      const were = others.map((each) => each.status).join()
      assert.ok(open.length > 50 && others.length > 0)
      await chooseWhole(page)
      await status(page, 'Resuelta')
      await keys(page, 'Enter')
      await toast(page).getByText('Cambiaste').waitFor()
      assert.equal(others.map((each) => each.status).join(), were)
      const plain = fixture.acts.lists.get('l_1')
      assert.deepEqual([...plain].sort(), [...open].sort())
    }))

  test('says what stays as it is, and how many at most', () =>
    inOffice({}, async (page, fixture) => {
      fixture.acts.most = 100
      const all = fixture.office.view('inbox', '')
      all[3].pending = 'attention'
      await chooseWhole(page)
      await status(page, 'Pendiente')
      const lines = await counted(page).allInnerTexts()
      const platica = all
        .slice(0, 100)
        .filter((each) => each.provider === 'platica' && each.pending !== 'attention').length
      assert.match(lines.join('\n'), new RegExp(`${platica}\\s+quedan como están: su plataforma`))
      assert.match(lines.join('\n'), /1\s+queda como está: un cambio anterior espera tu respuesta/)
      await page.getByText(`Se cambian 100 de las ${all.length} a la vez.`, { exact: false }).waitFor()
      assert.deepEqual(await violations(page), [])
    }))

  test('goes on being counted while the server is at it', () =>
    inOffice({}, async (page, fixture) => {
      fixture.acts.slow = 2
      let go
      const held = new Promise((resolve) => (go = resolve))
      // How far it is is not answered before it was seen.
      fixture.hold = ({ pathname }) => (/^\/api\/acts\/(?!preview)/.test(pathname) ? held : undefined)
      await chooseWhole(page)
      await status(page, 'Resuelta')
      await keys(page, 'Enter')
      await toast(page).getByText('Cambiando… ').waitFor()
      go()
      await toast(page).getByText('Cambiaste ').waitFor()
    }))

  test('is changed once though the answer is lost', () =>
    inOffice({}, async (page, fixture) => {
      let lost = 0
      await page.route('**/api/acts', async (route) => {
        if (lost++ > 0) return route.continue()
        await route.fetch()
        await route.abort('connectionreset')
      })
      const all = fixture.office.view('inbox', '')
      await chooseWhole(page)
      await status(page, 'Resuelta')
      await keys(page, 'Enter')
      await toast(page).getByText(`Cambiaste ${all.length} conversaciones`).waitFor()
      await until(page, 'it is asked for again', () => lost === 2)
      await until(page, 'it is answered', async () => (await page.locator('[role=option]').count()) === 0)
      assert.equal(fixture.acts.acts.size, 1)
      await page.unroute('**/api/acts')
    }).catch((err) => {
      // The browser complains of the connection that the test broke, and of nothing else.
      if (!/ERR_CONNECTION_RESET/.test(err.message)) throw err
    }))

  test('is let go by Escape, by one row more or less, and cannot be snoozed', () =>
    inOffice({}, async (page) => {
      await chooseWhole(page)
      assert.equal(await page.locator('[data-bulk=snooze]').isDisabled(), true)
      await keys(page, 's')
      assert.equal(await page.locator('.menu').count(), 0)
      await keys(page, 'j', 'x')
      await bar(page).getByText('49 elegidas').waitFor()
      await page.locator('[data-whole]').click()
      await page.getByRole('button', { name: 'Elegir solo las 50 leídas' }).click()
      await bar(page).getByText('50 elegidas').waitFor()
      await keys(page, 'Escape')
      await until(page, 'none is', async () => (await bar(page).count()) === 0)
    }))
})

describe('what leaves the view', () => {
  test('is said, and the keys stand on the next; what is held does not take more', () =>
    inOffice({}, async (page, fixture) => {
      const [first, second, third] = fixture.office.view('inbox', '').map(({ thread }) => thread)
      await keys(page, 'j', 'e')
      await toast(page).getByText('salió de «Bandeja de entrada»').waitFor()
      await row(page, first).waitFor({ state: 'detached' })
      await comes(page, 'the next is', () => active(page), second)
      await page.evaluate(() => {
        for (let i = 0; i < 5; i++)
          document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'e', bubbles: true, repeat: true }))
      })
      await page.waitForTimeout(200)
      assert.equal(fixture.office.row(second).status, 'open')
      await keys(page, 'e')
      await row(page, second).waitFor({ state: 'detached' })
      await comes(page, 'the next is', () => active(page), third)
      await keys(page, 'z', 'z')
      await row(page, first).waitFor()
      await row(page, second).waitFor()
    }))

  test('of several says how many, and the keys stand on the next that stays', () =>
    inOffice({}, async (page, fixture) => {
      const rows = fixture.office.view('inbox', '')
      await keys(page, 'j', 'x', 'Shift+ArrowDown', 'Shift+ArrowDown')
      await status(page, 'Resuelta')
      await keys(page, 'Enter')
      await toast(page).getByText('Cambiaste 3 conversaciones · 3 salieron de «Bandeja de entrada»').waitFor()
      await row(page, rows[0].thread).waitFor({ state: 'detached' })
      await comes(page, 'the next is', () => active(page), rows[3].thread)
    }))

  test('of a filter is said when the server has', () =>
    inOffice({}, async (page) => {
      await at(page, '#/all?q=estado:abierta')
      await page.locator('.bar .filtered').waitFor()
      await page.waitForSelector('[role=option]')
      await keys(page, 'j', 'e')
      await toast(page).getByText('salió de «estado:abierta»').waitFor()
    }))

  test('of a view where it stays nothing is said', () =>
    inOffice({}, async (page, fixture) => {
      await open(page, 't_000003')
      await keys(page, 'e')
      await until(page, 'it is resolved', () => fixture.office.row('t_000003').status === 'resolved')
      await page.waitForTimeout(300)
      assert.match(await toast(page).innerText(), /^Resuelta: /)
      assert.doesNotMatch(await toast(page).innerText(), /salió/)
    }))

  test('snoozed says so too', () =>
    inOffice({}, async (page, fixture) => {
      const [first, second] = fixture.office.view('inbox', '').map(({ thread }) => thread)
      await keys(page, 'j', 's')
      await page.locator('.menu [role=menuitem]').first().waitFor()
      await keys(page, 'Enter')
      await toast(page).getByText('salió de «Bandeja de entrada»').waitFor()
      await row(page, first).waitFor({ state: 'detached' })
      await comes(page, 'the next is', () => active(page), second)
    }))
})
