// A note whose answer is lost on the way is not made twice.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { comes, offices, open, until } from './office.mjs'

const inOffice = offices({ threads: 20 })

/** Cuts the answer to the first note that is asked for, and what else is asked of notes while `deaf` says so. */
async function cutFirst(page, deaf) {
  let cut = 0
  await page.route('**/api/threads/*/notes', async (route) => {
    const asked = route.request().method() === 'POST'
    if (asked && cut === 0) {
      await route.fetch() // the server has it
      cut++
    } else if (!(deaf() && !asked && cut === 1)) return route.continue()
    return route.abort()
  })
}

const box = (page) => page.getByRole('textbox', { name: 'Nota interna' })
const save = (page) => page.getByRole('button', { name: 'Guardar nota' })
const notes = (page) => page.locator('[role=log] [data-note]')
const failure = (page) => page.getByText('No se guardó la nota.')
const texts = (office) => office.notes.all.map(({ text }) => text)

test('a note is kept once, though its answer was cut and it is asked for again', () =>
  inOffice({}, async (page, { office }) => {
    await open(page, 't_000003')
    let deaf = true
    await cutFirst(page, () => deaf)
    await box(page).fill('llamar el jueves')
    await save(page).click()
    await failure(page).waitFor()
    await save(page).click()
    deaf = false
    await until(page, 'kept', async () => (await notes(page).count()) === 1)
    assert.deepEqual(texts(office), ['llamar el jueves'])
    await comes(page, 'the box is empty', () => box(page).inputValue(), '')
    await box(page).fill('llamar el jueves') // another one that says the same is another one
    await save(page).click()
    await until(page, 'both', async () => (await notes(page).count()) === 2)
    assert.equal(texts(office).length, 2)
  }))

test('where it is seen to be there after all, nothing is said to have failed', () =>
  inOffice({}, async (page, { office }) => {
    await open(page, 't_000003')
    await cutFirst(page, () => false)
    await box(page).fill('llamar el jueves')
    await save(page).click()
    await until(page, 'kept', async () => (await notes(page).count()) === 1)
    await until(page, 'nothing failed', async () => (await failure(page).count()) === 0)
    await comes(page, 'the box is empty', () => box(page).inputValue(), '')
    assert.deepEqual(texts(office), ['llamar el jueves'])
  }))
