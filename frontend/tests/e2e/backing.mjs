// A backup that is saved on the screen, and what the command line makes of it.

import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { said } from '../program.mjs'
import { ask, inbox, rows, wide } from './office.mjs'

const phrase = 'una frase con zarigüeya'

const save = (page) => page.getByRole('button', { name: 'Guardar respaldo', exact: true })
const first = (page) => page.getByLabel('Frase (opcional)')
const again = (page) => page.getByLabel('La misma otra vez')

/** Presses save, and gives where the download lies once the screen says that it is whole. */
async function saved(page) {
  const [file] = await Promise.all([page.waitForEvent('download'), save(page).click()])
  assert.match(file.suggestedFilename(), /^bandeja-\d{4}-\d\d-\d\d\.bandeja$/)
  await page.getByRole('status').getByText(`Hecho y revisado: ${file.suggestedFilename()}, `).waitFor()
  return file.path()
}

/** Every conversation and message of a profile, as they are exported. */
async function told(profile) {
  const lines = []
  for (const kind of ['conversations', 'messages']) {
    const { code, out, err } = await said(['export', kind, '--profile', profile])
    assert.equal(code, 0, err)
    lines.push(out.split('\n').filter(Boolean).length)
  }
  return lines
}

describe('a backup', () => {
  let folder
  const place = (name) => join(folder, name)
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bandeja-backing-'))
  })
  after(() => rm(folder, { recursive: true, force: true }))

  test('with a passphrase is all of the office again, by that passphrase alone', () =>
    inbox('#/all', wide, async (page) => {
      await rows(page)
      await page.evaluate(() => (location.hash = '#/settings/data'))
      await page.getByRole('switch', { name: 'Con la copia de las conversaciones' }).click()
      await first(page).fill(phrase)
      await again(page).fill('una frase con zarigueya')
      await save(page).click()
      await page.getByRole('alert').getByText('Las dos no son iguales. No se guardó nada.').waitFor()
      assert.deepEqual(await ask(page, '/api/backups'), { running: false, step: '', done: 0, total: 0 })
      await again(page).fill(phrase)
      const file = await saved(page)
      assert.equal(await page.getByText('No está protegido').count(), 0)
      for (const field of [first(page), again(page)]) assert.equal(await field.inputValue(), '')

      const whole = await said(['verify', file, '--json'])
      assert.deepEqual([whole.code, JSON.parse(whole.out).kind, JSON.parse(whole.out).result], [0, 'backup', 'whole'])
      const restore = (name) => ['restore', file, '--passphrase-stdin', '--profile', place(name), '--lang', 'es-AR']
      const wrong = await said(restore('wrong'), 'otra frase\n')
      assert.equal(wrong.code, 1)
      assert.match(wrong.err, /esa no es la frase de esta copia de respaldo/)
      assert.doesNotMatch(wrong.out + wrong.err, /otra frase/)
      const right = await said(restore('right'), `${phrase}\n`)
      assert.equal(right.code, 0, right.err)
      const { accounts } = await ask(page, '/api/state')
      const sum = (count) => accounts.reduce((all, account) => all + count(account), 0)
      assert.deepEqual(await told(place('right')), [sum((each) => each.conversations), sum((each) => each.messages)])
    }))

  test('without one says that anybody can read it, and brings back what is nobody’s to give again', () =>
    inbox('#/all', wide, async (page) => {
      await rows(page)
      const [row] = (await ask(page, '/api/threads?view=all&limit=1')).threads
      const note = `Vuelve con el respaldo ${Date.now()}`
      await page.evaluate(
        ([thread, text]) =>
          fetch(`/api/threads/${thread}/notes`, {
            method: 'POST',
            headers: { 'Content-Type': 'application/json' },
            body: JSON.stringify({ text }),
          }),
        [row.thread, note],
      )
      await page.evaluate(() => (location.hash = '#/settings/data'))
      const file = await saved(page)
      await page.getByText('No está protegido: quien tenga el archivo lee todo.').waitFor()
      const { code, err } = await said(['restore', file, '--profile', place('open')])
      assert.equal(code, 0, err)
      assert.ok((await readFile(join(place('open'), 'local.db'))).includes(note))
      const { accounts } = await ask(page, '/api/state')
      const list = await said(['account', 'list', '--json', '--profile', place('open')])
      assert.equal(list.code, 0, list.err)
      for (const { name } of accounts) assert.ok(list.out.includes(`"${name}"`), list.out)
    }))
})
