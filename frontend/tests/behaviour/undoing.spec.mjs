// Taking back in the order of doing, newest first, also when the toast that
// offered it is gone: statuses, snoozes and notes alike.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { at, keys, offices, open, row, still, until } from './office.mjs'

const inOffice = offices({ threads: 120 })

const toast = (page) => page.locator('.toast')

/** Closes the toast, as time does. */
async function toastGone(page) {
  await toast(page).locator('.close').click()
  await until(page, 'the toast is gone', async () => !(await toast(page).isVisible()))
}

test('z takes back a status, a snooze and a deleted note in turn, with no toast to be seen', () =>
  inOffice({}, async (page, fixture) => {
    const { office } = fixture
    const note = office.notes.add('t_000003', { text: 'Llamar mañana' })[1]
    await open(page, 't_000003')
    const kept = () => office.notes.list('t_000003')[1].notes
    await still(page)
    await page.locator('[role=log]').getByText('Llamar mañana').hover()
    await page.locator('[role=log]').getByRole('button', { name: 'Borrar la nota' }).click()
    await toast(page).getByText('Nota borrada').waitFor()
    await toastGone(page)
    await page.evaluate(() => document.activeElement?.blur())
    await keys(page, 's')
    await page.locator('.menu [role=menuitem]').first().waitFor()
    await keys(page, 'Enter')
    await until(page, 'it is snoozed', () => office.row('t_000003').snoozed)
    await toastGone(page)
    await page.evaluate(() => document.activeElement?.blur())
    await keys(page, 'e')
    await until(page, 'it is resolved', () => office.row('t_000003').status === 'resolved')
    await toastGone(page)
    await page.evaluate(() => document.activeElement?.blur())

    await keys(page, 'z')
    await until(page, 'the status is as before', () => office.row('t_000003').status === 'open')
    assert.ok(office.row('t_000003').snoozed, 'the snooze was before that')
    assert.equal(kept().length, 0)
    await keys(page, 'z')
    await until(page, 'it is not snoozed any more', () => !office.row('t_000003').snoozed)
    assert.equal(kept().length, 0)
    await keys(page, 'Control+z')
    await until(page, 'the note is back', () => kept().length === 1)
    assert.equal(kept()[0].text, note.text)
    assert.equal(kept()[0].made_at, note.made_at, 'at its time')
    await toast(page).getByText('La nota volvió a su conversación').waitFor()
    const posts = () => fixture.asked.filter((each) => each.startsWith('POST') && !each.endsWith('/open')).length
    const asked = posts()
    await keys(page, 'z')
    await page.waitForTimeout(200)
    assert.equal(posts(), asked, 'nothing more to take back')
  }))

test('what could not be taken back is said, and z tries it again', () =>
  inOffice({}, async (page, fixture) => {
    await keys(page, 'j', 's')
    await page.locator('.menu [role=menuitem]').first().waitFor()
    const id = await page.locator('[data-active]').getAttribute('data-thread')
    await keys(page, 'Enter')
    await until(page, 'it is snoozed', () => fixture.office.row(id).snoozed)
    fixture.refuse = (url) => (url.pathname === '/api/snooze' ? [507, 'disk_full', 'El disco está lleno.'] : null)
    await keys(page, 'z')
    await page.getByRole('alert').getByText('El disco está lleno.').waitFor()
    assert.ok(fixture.office.row(id).snoozed)
    fixture.refuse = undefined
    await keys(page, 'z')
    await until(page, 'it is back', () => !fixture.office.row(id).snoozed)
    await row(page, id).waitFor()
  }))

test('in the settings z takes back what the toast there tells of, and nothing that is out of sight', () =>
  inOffice({}, async (page, fixture) => {
    await keys(page, 'j', 'e')
    await until(page, 'it is resolved', () => fixture.asked.includes('POST /api/changes'))
    await toastGone(page)
    await at(page, '#/settings/keys')
    await page.waitForSelector('[data-command]')
    await keys(page, 'z')
    await page.waitForTimeout(200)
    assert.ok(!fixture.asked.some((each) => each.endsWith('/undo')))
  }))
