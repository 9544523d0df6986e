// Changing status and assignment: painted at once, kept or visibly taken back,
// taken back by hand, and asked about where it must be.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { comes, hash, keys, offices, open, opened, row, still, tell, until } from './office.mjs'

const inOffice = offices({ threads: 120 })

const mark = (page, thread) => row(page, thread).locator('[data-pending]')
const status = (page) => page.locator('[data-menu=status]')
const toast = (page) => page.locator('.toast')
const posts = (fixture, path) => fixture.asked.filter((each) => each === `POST ${path}`).length

const undos = (fixture) => fixture.asked.filter((each) => /^POST .api.acts.\w+.undo$/.test(each)).length

// What was an hour ago is of today.
const afternoon = Date.parse('2026-04-13T17:02:00Z')

/** Holds every answer to a path back until the returned func is called. */
function hold(fixture, path) {
  let go
  const held = new Promise((resolve) => (go = resolve))
  fixture.hold = (url) => (url.pathname === path ? held : undefined)
  return go
}

describe('a change', () => {
  test('is painted within a frame, marked, before the server has answered; then kept, and the mark goes', () =>
    inOffice({}, async (page, fixture) => {
      await open(page, 't_000003')
      const go = hold(fixture, '/api/changes')
      const frames = await page.evaluate(async () => {
        const shown = () => document.querySelector('[data-menu=status]').textContent.includes('Resuelta')
        document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'e', bubbles: true }))
        for (let frames = 0; frames < 60; frames++) {
          await new Promise((resolve) => requestAnimationFrame(resolve))
          if (shown()) return frames + 1
        }
        return -1
      })
      assert.equal(frames, 1, `painted after ${frames} frames`)
      assert.match(await row(page, 't_000003').innerText(), /Resuelta/)
      assert.equal(await mark(page, 't_000003').getAttribute('title'), 'cambio en camino')
      assert.equal(fixture.office.row('t_000003').status, 'open', 'the server has not answered')
      go()
      await until(page, 'the server has it', () => fixture.office.row('t_000003').status === 'resolved')
      await page.waitForTimeout(300)
      assert.match(await status(page).innerText(), /Resuelta/)
      fixture.office.outbox.deliver()
      await tell(page, fixture, 'threads', { threads: ['t_000003'] })
      await mark(page, 't_000003').waitFor({ state: 'detached' })
      assert.match(await status(page).innerText(), /Resuelta/)
    }))

  test('that the server refuses is taken back, and said why', () =>
    inOffice({}, async (page, fixture) => {
      await open(page, 't_000003')
      fixture.refuse = (url) => (url.pathname === '/api/changes' ? [507, 'disk_full', 'El disco está lleno.'] : null)
      const go = hold(fixture, '/api/changes')
      await keys(page, 'e')
      await row(page, 't_000003').getByText('Resuelta').waitFor()
      go()
      await page.getByRole('alert').getByText('No se hizo el cambio. El disco está lleno.').waitFor()
      await row(page, 't_000003').getByText('Abierta').waitFor()
      assert.match(await status(page).innerText(), /Abierta/)
      assert.equal(await mark(page, 't_000003').count(), 0)
      assert.equal(await toast(page).getByText('Deshacer').count(), 0)
    }))

  test('by the menu: the platform’s words alone, the current one checked, type-ahead, focus back', () =>
    inOffice({}, async (page, fixture) => {
      await open(page, 't_000004')
      await status(page).focus()
      await keys(page, 'Enter')
      const items = page.getByRole('menuitemradio')
      await items.first().waitFor()
      assert.deepEqual(await items.allInnerTexts(), ['Abierta', 'Resuelta', 'Spam', 'Vencida'])
      assert.equal(await page.getByRole('menuitemradio', { checked: true }).innerText(), 'Abierta')
      await keys(page, 'Escape')
      await items.first().waitFor({ state: 'detached' })
      await until(page, 'the button has the focus', () => status(page).evaluate((it) => it === document.activeElement))
      await keys(page, 'Enter', 's', 'Enter')
      await status(page).getByText('Spam').waitFor()
      await until(page, 'the server has it', () => fixture.office.row('t_000004').status === 'spam')
    }))

  test('never comes of a key that types, of AltGr, or while composing', () =>
    inOffice({}, async (page, fixture) => {
      await open(page, 't_000003')
      await page.evaluate(() => {
        for (const more of [{ modifierAltGraph: true }, { isComposing: true }, { ctrlKey: true }])
          for (const key of ['e', 'm', 'u', 'o', 'x'])
            document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, ...more }))
      })
      await keys(page, '/')
      await page.keyboard.type('emuoxz')
      assert.equal(await page.locator('dialog input').inputValue(), 'emuoxz')
      assert.equal(posts(fixture, '/api/changes'), 0)
    }))

  test('of an open thread does not fall on another once its row has left the list', () =>
    inOffice({}, async (page, fixture) => {
      await keys(page, 'j', 'Enter')
      await opened(page, 't_000000')
      await keys(page, 'e')
      await row(page, 't_000000').waitFor({ state: 'detached' })
      await keys(page, 'e', 'e')
      await page.waitForTimeout(300)
      assert.equal(posts(fixture, '/api/changes'), 1)
      await keys(page, 'j')
      await comes(page, 'what follows is next', () => page.locator('[data-active]').getAttribute('aria-posinset'), '1')
    }))
})

describe('assigning', () => {
  test('to one at Waspy, found by typing; u unassigns', () =>
    inOffice({}, async (page, fixture) => {
      await open(page, 't_000003')
      await keys(page, 'a')
      await page.locator('.menu').getByRole('option', { name: 'Luis' }).waitFor()
      await page.keyboard.type('lui')
      await keys(page, 'Enter')
      await until(page, 'Luis has it', () => fixture.office.row('t_000003').assignees[0]?.startsWith('7c11a2b4'))
      await page.locator('[data-menu=assign]').getByText('Luis').waitFor()
      await keys(page, 'u')
      await until(page, 'nobody has it', () => fixture.office.row('t_000003').assignees.length === 0)
    }))

  test('to several at Plática', () =>
    inOffice({}, async (page, fixture) => {
      await open(page, 't_000004')
      await keys(page, 'a')
      await page.locator('.menu').getByRole('option', { name: 'Sofía' }).click()
      await page.locator('.menu').getByRole('option', { name: 'luis' }).click()
      await keys(page, 'Control+Enter')
      await until(page, 'both have it', () => fixture.office.row('t_000004').assignees.length === 2)
      await page.locator('[data-menu=assign]').getByText('Sofía y 1 más').waitFor()
    }))

  test('to oneself asks once who one is, and then goes on', () =>
    inOffice({}, async (page, fixture) => {
      await open(page, 't_000003')
      await keys(page, 'm')
      const who = page.getByRole('dialog', { name: '¿Quién sos en ventas?' })
      await who.getByLabel('Luis').check()
      await who.getByRole('button', { name: 'Soy yo' }).click()
      await until(page, 'it is mine', () => fixture.office.row('t_000003').assignees[0]?.startsWith('7c11a2b4'))
      await page.waitForSelector('dialog', { state: 'detached' })
      await open(page, 't_000002')
      await keys(page, 'm')
      await until(page, 'so is the next', () => fixture.office.row('t_000002').assignees[0]?.startsWith('7c11a2b4'))
      assert.equal(await page.locator('dialog').count(), 0)
    }))
})

describe('an agent', () => {
  test('is given a name, which is shown from then on', () =>
    inOffice({}, async (page, fixture) => {
      fixture.office.row('t_000003').assignees = ['e3b0c442-98fc-4c14-9afb-f4c8996fb003']
      await open(page, 't_000003')
      await page.locator('[data-menu=assign]').click()
      await page.getByRole('button', { name: 'Nombres de agentes…' }).click()
      await page.getByLabel('Nombre de e3b0c442-98fc-4c14-9afb-f4c8996fb003').fill('Rocío')
      await keys(page, 'Tab')
      await until(page, 'it is kept', () => fixture.asked.includes('PATCH /api/agents'))
      await page.getByRole('button', { name: 'Volver a la bandeja' }).click()
      await page.locator('[data-menu=assign]').getByText('Rocío').waitFor()
    }))
})

describe('taking back', () => {
  test('with z, from the toast, and before the server has answered', () =>
    inOffice({}, async (page, fixture) => {
      await open(page, 't_000003')
      const go = hold(fixture, '/api/changes')
      await keys(page, 'e')
      await toast(page).getByText('Resuelta: ').waitFor()
      await keys(page, 'z')
      await status(page).getByText('Abierta').waitFor()
      go()
      await until(page, 'it was taken back', () => undos(fixture) === 1)
      await until(page, 'it is as before', () => fixture.office.row('t_000003').status === 'open')
      await toast(page).getByText('Deshecho').waitFor()
      await keys(page, 'z')
      assert.equal(undos(fixture), 1, 'nothing more to take back')
    }))

  test('the toast stays while it is pointed at, and goes after', () =>
    inOffice({}, async (page) => {
      await page.clock.install()
      await keys(page, 'j', 'e')
      await toast(page).hover()
      await page.clock.runFor(30_000)
      assert.ok(await toast(page).isVisible())
      await page.mouse.move(5, 5)
      await page.clock.runFor(11_000)
      await toast(page).waitFor({ state: 'hidden' })
    }))

  test('from the history of the thread', () =>
    inOffice({ scenario: 'history', now: afternoon }, async (page, fixture) => {
      await page.clock.setFixedTime(afternoon)
      await page.reload()
      await page.waitForSelector('[role=option]')
      await open(page, 't_000003')
      const lines = page.locator('[role=log] .change')
      await lines.last().waitFor()
      assert.match(await lines.last().innerText(), /estado: Resuelta → Abierta, por vos a las/)
      assert.match(await lines.nth(-2).innerText(), /estado: Abierta → Resuelta, entre .* y /)
      await still(page)
      await lines.last().getByRole('button', { name: 'Deshacer' }).click()
      await until(page, 'it is as before', () => fixture.office.row('t_000003').status === 'resolved')
    }))
})

describe('what cannot be taken back', () => {
  test('is asked first, with no on the focus', () =>
    inOffice({}, async (page, fixture) => {
      await open(page, 't_000004')
      await status(page).click()
      await keys(page, 'End', 'Enter')
      const dialog = page.getByRole('dialog', { name: '¿Dar por vencida la conversación?' })
      await dialog.getByText('no se puede deshacer').waitFor()
      await keys(page, 'Enter')
      await dialog.waitFor({ state: 'detached' })
      assert.equal(posts(fixture, '/api/changes'), 0)
      assert.match(await status(page).innerText(), /Abierta/)
      await status(page).click()
      await keys(page, 'End', 'Enter')
      await dialog.getByRole('button', { name: 'Dar por vencida' }).click()
      await until(page, 'it is expired', () => fixture.office.row('t_000004').status === 'expired')
    }))
})

describe('many at once', () => {
  test('x, Shift and the arrows choose; a preview says how many; one undo for all', () =>
    inOffice({}, async (page, fixture) => {
      await keys(page, 'j', 'x', 'Shift+ArrowDown', 'Shift+ArrowDown', 'Shift+ArrowDown', 'Shift+ArrowDown')
      const bar = page.getByRole('toolbar')
      await bar.getByText('5 elegidas').waitFor()
      await keys(page, 'Shift+ArrowUp', 'Shift+ArrowDown')
      await bar.getByRole('button', { name: 'Estado…' }).click()
      await keys(page, 'ArrowDown', 'Enter')
      const preview = page.getByRole('dialog', { name: '¿Cambiar 5 conversaciones?' })
      await preview.getByText('cambian', { exact: true }).waitFor()
      const waspy = fixture.office
        .view('inbox', '')
        .slice(0, 5)
        .filter((each) => each.provider === 'waspy')
      const lines = await preview.locator('li').allInnerTexts()
      assert.match(lines[0], new RegExp(`^${waspy.length}\\s`))
      assert.match(lines[1], new RegExp(`^${5 - waspy.length}\\s+quedan? como est`))
      assert.ok(
        waspy.every((each) => each.status === 'open'),
        'nothing is changed before it is said',
      )
      await keys(page, 'Enter')
      await until(page, 'they are pending', () => waspy.every((each) => each.status === 'pending'))
      await toast(page).getByText('conversaciones').waitFor()
      await comes(page, 'the choice is let go', () => bar.count(), 0)
      await keys(page, 'z')
      await until(page, 'all are as before', () => waspy.every((each) => each.status === 'open'))
      assert.equal(undos(fixture), 1)
    }))

  test('the mouse chooses too, Ctrl A takes all that is loaded, Escape lets go', () =>
    inOffice({}, async (page) => {
      await page.locator('[role=option] .face').nth(1).click()
      await page
        .locator('[role=option]')
        .nth(4)
        .click({ modifiers: ['Shift'] })
      await page.getByRole('toolbar').getByText('4 elegidas').waitFor()
      assert.ok(!/t_/.test(await hash(page)), 'choosing does not open')
      await keys(page, 'Control+a')
      await page.getByRole('toolbar').getByText('50 elegidas').waitFor()
      await keys(page, 'Escape')
      await page.getByRole('toolbar').waitFor({ state: 'detached' })
    }))

  test('the row’s own menu opens with the other button', () =>
    inOffice({}, async (page, fixture) => {
      await row(page, 't_000001').click({ button: 'right' })
      await page.getByRole('menuitemradio', { name: 'Resuelta' }).click()
      await until(page, 'it is resolved', () => fixture.office.row('t_000001').status === 'resolved')
      await row(page, 't_000002').click({ button: 'right' })
      await page.getByRole('menuitem', { name: 'Elegir varias' }).click()
      await page.getByRole('toolbar').getByText('1 elegida').waitFor()
    }))
})

describe('the tray', () => {
  test('a conflict is solved by keyboard alone', () =>
    inOffice({ scenario: 'conflict' }, async (page, fixture) => {
      await page.locator('[data-tray]').getByText('3 te necesitan').waitFor({ state: 'attached' })
      await keys(page, 'g', 't')
      const tray = page.getByRole('dialog', { name: 'Tus cambios' })
      const card = tray.locator('[data-entry=o_1]')
      await card.getByText('Ahora es “Resuelta”').waitFor()
      assert.deepEqual(await card.locator('dd').allInnerTexts(), ['Pendiente', 'Resuelta', 'Abierta'])
      const mine = card.getByRole('button', { name: 'Poner lo mío' })
      for (let tabs = 0; tabs < 12; tabs++) {
        if (await mine.evaluate((button) => button === document.activeElement)) break
        await keys(page, 'Tab')
      }
      await keys(page, 'Enter')
      await until(page, 'mine goes', () => fixture.office.outbox.entries[0].state === 'queued')
      await card.getByText('Espera su turno.').waitFor()
      await keys(page, 'Escape')
      await tray.waitFor({ state: 'detached' })
      await comes(page, 'the mark', () => mark(page, 't_000003').getAttribute('data-pending'), 'waiting')
    }))

  test('a conflict is solved in the thread: theirs stays', () =>
    inOffice({ scenario: 'conflict' }, async (page, fixture) => {
      await open(page, 't_000003')
      await page.locator('.thread').getByRole('button', { name: 'Dejar lo que está' }).click()
      await page.locator('.thread [data-question]').waitFor({ state: 'detached' })
      await status(page).getByText('Resuelta').waitFor()
      assert.equal(fixture.office.row('t_000003').pending, null)
    }))

  test('says what waits and why; tries again, discards, asks before sending what is old', () =>
    inOffice({ scenario: 'conflict' }, async (page, fixture) => {
      await keys(page, 'g', 't')
      const tray = page.getByRole('dialog', { name: 'Tus cambios' })
      const parked = tray.locator('[data-entry=o_3]')
      await parked.getByText('no hay conexión con la plataforma').waitFor()
      await parked.getByRole('button', { name: 'Probar ahora' }).click()
      await parked.getByText('Espera su turno.').waitFor()
      const stale = tray.locator('[data-entry=o_2]')
      await stale.getByText('¿Todavía lo querés?').waitFor()
      fixture.refuse = (url) =>
        url.pathname.endsWith('/drop') ? [503, 'disk', 'El disco no se puede escribir.'] : null
      await stale.getByRole('button', { name: 'Descartar' }).click()
      await stale.getByRole('alert').getByText('El disco no se puede escribir.').waitFor()
      fixture.refuse = undefined
      await stale.getByRole('button', { name: 'Descartar' }).click()
      await stale.waitFor({ state: 'detached' })
      assert.equal(await tray.locator('[data-entry=o_6]').getByRole('button', { name: 'Deshacer' }).count(), 0)
      await tray.locator('[data-entry=o_5]').getByRole('button', { name: 'Deshacer' }).click()
      await until(page, 'it goes back', () => fixture.office.row('t_000009').status === 'open')
    }))
})

describe('the state of an account', () => {
  test('first copy: a bar, pause and resume', () =>
    inOffice({ scenario: 'first_copy' }, async (page, fixture) => {
      const bar = page.getByRole('progressbar', { name: 'Mensajes leídos de soporte' })
      assert.equal(await bar.getAttribute('value'), '310')
      await page.getByRole('button', { name: 'Pausar soporte' }).click()
      await page.getByText('En pausa, a pedido tuyo').first().waitFor()
      await until(page, 'it is held', () => fixture.office.accounts[1].held)
      await page.getByRole('button', { name: 'Seguir con soporte' }).click()
      await until(page, 'it goes on', () => !fixture.office.accounts[1].held)
    }))

  test('its page: figures, runs, sync now', () =>
    inOffice({ scenario: 'failing' }, async (page, fixture) => {
      await page.getByRole('button', { name: 'Ver la cuenta ventas' }).click()
      const its = page.locator('.settings')
      await its.getByText('próximo intento').waitFor()
      await until(page, 'the runs are shown', async () => (await its.locator('tbody tr').count()) === 5)
      assert.match(await its.locator('dl').innerText(), /Pedidos en el último día\s+5\.120/)
      await its.getByRole('button', { name: 'Actualizar ahora' }).click()
      await until(page, 'a sync is asked for', () => posts(fixture, '/api/sync') === 1)
    }))

  test('what happened to the files is said until it was read', () =>
    inOffice({ scenario: 'notices' }, async (page, fixture) => {
      const lines = page.getByRole('region', { name: 'Avisos' })
      await lines.getByText('La copia estaba dañada y se hace de nuevo').waitFor()
      const read = lines.getByRole('button', { name: 'Entendido' })
      await read.first().click()
      await until(page, 'one of two is left', async () => (await read.count()) === 1)
      await read.click()
      await lines.waitFor({ state: 'detached' })
      await until(page, 'the server knows', () => fixture.office.notices.length === 0)
    }))

  test('a conversation the platform no longer has is shown as such, and not changed', () =>
    inOffice({ scenario: 'gone' }, async (page) => {
      await open(page, 't_000003')
      await page.getByText('La plataforma ya no tiene esta conversación').waitFor()
      assert.ok(await status(page).isDisabled())
    }))
})
