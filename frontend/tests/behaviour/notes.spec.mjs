// Notes: written under the thread, laid at their time, changed, deleted and
// brought back; what is being written outlives the page.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { violations } from '../axe.mjs'
import { comes, hash, keys, offices, open, tell, until } from './office.mjs'

const thread = 't_000003'

const inOffice = offices({ threads: 60 })
/** In the thread, once it is seen that what the server has was heard; `draft` is of that. */
const inThread = (act, { draft = '', ...options } = {}) =>
  inOffice(options, async (page, fixture, context) => {
    if (draft) fixture.office.notes.drafts.set(thread, draft)
    await open(page, thread)
    if (draft) await until(page, 'the draft is heard', async () => (await value(page)) === draft)
    await act(page, fixture, context)
  })

const box = (page) => page.getByRole('textbox', { name: 'Nota interna' })
const value = (page) => box(page).inputValue()
const notes = (page) => page.locator('[role=log] [data-note]')
const panel = (page) => page.getByRole('complementary', { name: 'Persona' })
const kept = (fixture) => fixture.office.notes.drafts.get(thread) ?? ''
const puts = (fixture) => fixture.asked.filter((each) => each.startsWith('PUT') && each.endsWith('/draft')).length

describe('a note', () => {
  test('is written by n, kept by Ctrl Enter, and stands under the newest message and in the panel', () =>
    inThread(async (page, fixture) => {
      await page.keyboard.press('n')
      await until(page, 'the box has the focus', () => box(page).evaluate((field) => field === document.activeElement))
      await comes(page, 'the key itself is not typed', () => value(page), '')
      const status = fixture.office.row(thread).status
      await page.keyboard.type('Es la dueña: jamás ez')
      await page.keyboard.press('Enter')
      await page.keyboard.type('<img src=x onerror=alert(1)> o@a.example')
      await page.keyboard.press('Control+Enter')
      const text = 'Es la dueña: jamás ez\n<img src=x onerror=alert(1)> o@a.example'
      await notes(page).first().waitFor()
      assert.equal(await notes(page).last().locator('.rich').innerText(), text)
      await panel(page).getByRole('heading', { name: 'Notas' }).waitFor()
      assert.match(await panel(page).innerText(), /Es la dueña/)
      assert.equal(await value(page), '')
      assert.equal(fixture.office.notes.all[0].text, text)
      assert.equal(fixture.office.row(thread).status, status, 'no key of the text acted')
      assert.equal(await page.locator('img').count(), 0)
      const last = page.locator('[role=log] [data-note], [role=log] [data-message]').last()
      assert.equal(await last.getAttribute('data-note'), 'note_1')
      await page.keyboard.press('Escape')
      assert.equal(await hash(page), `#/all/${thread}`, 'Escape leaves the box, not the thread')
      await until(page, 'the log has the focus', () =>
        page.evaluate(() => document.activeElement?.getAttribute('role') === 'log'),
      )
    }))

  test('stands at its time; it is changed, deleted, and z brings it back', () =>
    inThread(async (page, fixture) => {
      const messages = fixture.office.messagesOf(thread)
      const between = (Date.parse(messages.at(-2).at) + Date.parse(messages.at(-1).at)) / 2
      fixture.office.notes.put(thread, 'entre los dos', between)
      await tell(page, fixture, 'notes', { threads: [thread] })
      await notes(page).waitFor()
      const order = () =>
        page
          .locator('[role=log] [data-note], [role=log] [data-message]')
          .evaluateAll((all) => all.map((each) => each.dataset.note ?? each.dataset.message))
      const wanted = [messages.at(-2).message, 'note_1', messages.at(-1).message]
      await comes(page, 'it stands between', async () => (await order()).slice(-3), wanted)
      await box(page).fill('un borrador')
      await page.getByRole('button', { name: 'Cambiar la nota' }).click()
      await until(page, 'its text is in the box', async () => (await value(page)) === 'entre los dos')
      await page.keyboard.type(', y más')
      await page.getByRole('button', { name: 'Guardar el cambio' }).click()
      await notes(page).getByText('entre los dos, y más').waitFor()
      await notes(page).getByText('(cambiada)').waitFor()
      assert.equal(await value(page), 'un borrador', 'the draft is there again')
      await page.getByRole('button', { name: 'Borrar la nota' }).click()
      await notes(page).waitFor({ state: 'detached' })
      await page.locator('.toast').getByText('Nota borrada').waitFor()
      assert.equal(fixture.office.notes.all.length, 0)
      await page.locator('[role=log]').focus()
      await page.keyboard.press('z')
      await notes(page).getByText('entre los dos, y más').waitFor()
      assert.equal(Date.parse(fixture.office.notes.all[0].made_at), Math.floor(between))
      assert.equal(await value(page), 'un borrador')
    }))

  test('that the server refuses stays in the box, and why is said', () =>
    inThread(async (page, fixture) => {
      fixture.refuse = (url, body) =>
        url.pathname.endsWith('/notes') && body.text ? [507, 'disk_full', 'El disco está lleno.'] : null
      await box(page).fill('no se pierde')
      await page.getByRole('button', { name: 'Guardar nota' }).click()
      await page.getByRole('status').getByText('No se guardó la nota. El disco está lleno.').waitFor()
      assert.equal(await value(page), 'no se pierde')
      await until(page, 'the draft is kept', () => kept(fixture) === 'no se pierde')
    }))

  test('takes 10 000 characters: what is too much is said, and the draft is kept all the same', () =>
    inThread(async (page, fixture) => {
      await box(page).fill('🧉'.repeat(10_000))
      assert.equal(await page.getByRole('button', { name: 'Guardar nota' }).isDisabled(), false)
      await box(page).fill('🧉'.repeat(10_003))
      await page.getByText('Sobran 3 caracteres: una nota lleva hasta 10.000.').waitFor()
      assert.equal(await page.getByRole('button', { name: 'Guardar nota' }).isDisabled(), true)
      await until(page, 'the draft is kept', () => [...kept(fixture)].length === 10_003)
    }))

  test('made in another tab is shown in this one', () =>
    inThread(async (page, fixture, context) => {
      await until(page, 'the stream is open', () => fixture.open.size === 1)
      const other = await context.newPage()
      await other.goto(`${fixture.origin}/#/all/${thread}`)
      await box(other).fill('de la otra')
      await other.keyboard.press('Control+Enter')
      await notes(other).waitFor()
      await tell(page, fixture, 'notes', { threads: [thread] })
      await notes(page).getByText('de la otra').waitFor()
    }))
})

describe('a draft', () => {
  test('is kept while one types, and is there after a reload and after another thread', () =>
    inThread(
      async (page, fixture) => {
        const began = Date.now()
        await keys(page, 'n')
        await until(page, 'the box has the focus', () => box(page).evaluate((each) => each === document.activeElement))
        await page.keyboard.type('a medio escribir', { delay: 40 })
        await until(page, 'it is kept', () => kept(fixture) === '¡a medio escribir')
        assert.ok(puts(fixture) > 1, 'it is kept before the end')
        const most = (Date.now() - began) / 300 + 1
        assert.ok(puts(fixture) <= most, `${puts(fixture)} requests for sixteen letters, and not ${most}`)
        await page.reload()
        await until(page, 'it is there', async () => (await value(page)) === '¡a medio escribir')
        await box(page).press('End')
        await page.keyboard.type('!')
        await open(page, 't_000005')
        await until(page, 'the other thread has none', async () => (await value(page)) === '')
        await until(page, 'the rest is kept', () => kept(fixture) === '¡a medio escribir!')
        await open(page, thread)
        await until(page, 'it is there again', async () => (await value(page)) === '¡a medio escribir!')
        await box(page).fill('')
        await until(page, 'none is left', () => !fixture.office.notes.drafts.has(thread))
      },
      { draft: '¡' },
    ))

  test('of the last moment is sent by a page that goes', () =>
    inThread(
      async (page, fixture) => {
        await box(page).fill('la última palabra')
        await page.goto('about:blank')
        await until(page, 'it is kept', () => kept(fixture) === 'la última palabra')
      },
      { draft: 'la primera' },
    ))

  test('that cannot be kept stays on the screen, is said, and is kept as soon as it can be', () =>
    inThread(async (page, fixture) => {
      fixture.refuse = (url) => (url.pathname.endsWith('/draft') ? [507, 'disk_full', 'El disco está lleno.'] : null)
      await box(page).fill('no cabe')
      await page.getByText('Este borrador todavía no se guardó').waitFor()
      await open(page, 't_000005')
      await open(page, thread)
      assert.equal(await value(page), 'no cabe')
      fixture.refuse = null
      await until(page, 'it is kept', () => kept(fixture) === 'no cabe')
      await page.getByText('Este borrador todavía no se guardó').waitFor({ state: 'detached' })
    }))

  test('of another tab comes in, but never over what is being typed here', () =>
    inThread(async (page, fixture) => {
      fixture.office.notes.saveDraft(thread, 'de la otra')
      await tell(page, fixture, 'notes', { threads: [thread] })
      await until(page, 'it is here', async () => (await value(page)) === 'de la otra')
      fixture.refuse = (url) => (url.pathname.endsWith('/draft') ? [507, 'disk_full', 'Lleno.'] : null)
      await box(page).fill('mío')
      fixture.office.notes.saveDraft(thread, 'otra vez')
      fixture.tell('notes', { threads: [thread] })
      await page.waitForTimeout(800)
      assert.equal(await value(page), 'mío')
    }))
})

test('axe finds nothing, with notes, a draft and one that is being changed', () =>
  inThread(
    async (page) => {
      await notes(page).first().waitFor()
      await until(page, 'the draft is there', async () => (await value(page)) !== '')
      assert.deepEqual(await violations(page), [])
      await page.getByRole('button', { name: 'Cambiar la nota' }).first().click()
      await page.getByText('Cambiás una nota').waitFor()
      assert.deepEqual(await violations(page), [])
    },
    { scenario: 'notes' },
  ))
