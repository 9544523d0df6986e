// An account comes, changes and goes on the screen of the real program, over
// one more simulated platform.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { going } from '../program.mjs'
import { ask, at, inbox, until, wide } from './office.mjs'

const name = 'tienda-e2e'

describe('settings', () => {
  let simulator
  before(async () => {
    simulator = await going(['simulate', '--json', '--seed', '77', '--conversations', '40', '--messages', '300'])
  })
  after(() => simulator?.stop())

  const stateOf = async (page) => (await ask(page, '/api/state')).accounts.find((account) => account.name === name)
  const field = (page, label) => page.getByRole('textbox', { name: label, exact: true })
  const button = (page, label) => page.getByRole('button', { name: label, exact: true })
  // By key: above these, lines come and go as an account is copied, and what
  // moves while it is pressed is not clicked.
  const press = async (page, label) => {
    await until(page, `${label} can be pressed`, () => button(page, label).isEnabled())
    await button(page, label).press('Enter')
  }

  test('an account is added, changed, given a new key and removed', () =>
    inbox('#/connect/waspy', wide, async (page) => {
      const { waspy, waspy_key: key } = simulator.first
      await field(page, 'Nombre de la cuenta').fill(name)
      await page.fill('input[type=password]', 'wspy_no_such_key')
      await page.click('summary')
      await field(page, 'Dirección de la API').fill(waspy)
      await button(page, 'Conectar').click()
      await page.locator('[role=alert]', { hasText: 'rechaza esta clave' }).waitFor()
      assert.equal(await stateOf(page), undefined)
      await page.fill('input[type=password]', key)
      await button(page, 'Conectar').click()
      await page.getByRole('heading', { name: `${name} está conectada` }).waitFor()
      assert.ok((await page.locator('.reach li').count()) > 0, 'no chat is shown as a sample')
      await page.getByText('Todavía no se probó si la clave puede hacer cambios').waitFor()
      await until(page, 'the first copy is made behind it', async () => (await stateOf(page)).state === 'up_to_date')

      await at(page, `#/settings/accounts/${name}`)
      await field(page, 'Código de área').fill('221')
      await field(page, 'Pedidos por segundo').fill('2,5')
      await press(page, 'Guardar')
      await page.getByText('Guardado.').waitFor()
      const { area, rate, zone } = await stateOf(page)
      assert.deepEqual({ area, rate, zone }, { area: '221', rate: 2.5, zone: 'America/Argentina/Buenos_Aires' })
      await field(page, 'Dirección de la API').fill('http://127.0.0.1:9/nothing')
      await press(page, 'Guardar')
      await page.locator('[role=alert]', { hasText: 'No hay conexión' }).waitFor()
      assert.equal((await stateOf(page)).base_url, waspy)

      const secret = page.locator('.settings input[type=password]')
      await secret.fill('wspy_no_such_key')
      await press(page, 'Probar y guardar')
      await page.locator('[role=alert]', { hasText: 'rechaza esta clave' }).waitFor()
      await secret.fill(key)
      await press(page, 'Probar y guardar')
      await page.getByText('ya reemplazó a la de antes').waitFor()
      assert.equal(await secret.inputValue(), '')
      assert.ok(!(await page.content()).includes(key), 'the key is in the page')
      assert.ok(!JSON.stringify(await ask(page, '/api/state')).includes(key), 'the key is in the state')

      await press(page, 'Quitar la cuenta…')
      await page.locator('dialog[open]', { hasText: '40 conversaciones' }).waitFor()
      await page.locator('dialog[open]').getByRole('button', { name: 'Quitar', exact: true }).click()
      await page.getByText(`${name} se quitó`).waitFor()
      assert.equal(await stateOf(page), undefined)
      const { threads } = await ask(page, '/api/threads?view=all&limit=200')
      assert.ok(threads.length > 0 && threads.every((thread) => thread.account !== name), 'a thread of it is left')
    }))
})
