// Other programs: the addresses, making a token that is shown once, ending one.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { at, comes, keys, offices, until } from './office.mjs'

const office = offices({ threads: 20 })

const button = (page, name) => page.getByRole('button', { name, exact: true })
const token = (page, name) => page.locator(`[data-token="${name}"]`)

test('each token says what it opens, and the addresses are there to copy', async () => {
  await office({}, async (page, fixture) => {
    await at(page, '#/settings/access')
    await token(page, 'planilla').waitFor()
    assert.match(await token(page, 'planilla').innerText(), /lee · cada plataforma las suyas · hasta que se termine/)
    assert.match(await token(page, 'oficina').innerText(), /lee y cambia · todas las cuentas en ambas[\s\S]*sin uso/)
    assert.match(await token(page, 'prueba').innerText(), /«ventas»|“ventas”/)
    assert.match(await token(page, 'prueba').innerText(), /venció: /)
    await page.getByText(`${fixture.origin}/waspy/api/v2`).waitFor()
    await page.getByText(`${fixture.origin}/platica/v1`).waitFor()
    await button(page, 'Copiar: Waspy').click()
    await until(page, 'it says that it is copied', async () => (await page.getByText('Copiado').count()) === 1)
  })
})

test('a token is made by keyboard, shown this once, and ended', async () => {
  await office({}, async (page, fixture) => {
    await at(page, '#/settings/access')
    await token(page, 'planilla').waitFor()
    await page.getByLabel('Nombre').fill('Mi Planilla')
    await keys(page, 'Enter')
    await page.locator('[role=alert]', { hasText: 'de 1 a 40' }).waitFor()
    await page.getByLabel('Nombre').fill('planilla')
    await keys(page, 'Enter')
    await page.locator('[role=alert]', { hasText: 'Ya hay un token' }).waitFor()

    await page.getByLabel('Nombre').fill('mensual')
    await page.getByRole('switch', { name: 'También puede cambiar' }).click()
    await page.getByText('Algunas cuentas en ambas', { exact: true }).click()
    await comes(page, 'nothing is chosen yet', () => button(page, 'Crear el token').isDisabled(), true)
    await page.getByRole('switch', { name: 'ventas' }).click()
    await page.getByText('30 días').click()
    await button(page, 'Crear el token').click()
    const made = page.locator('.made')
    await made.waitFor()
    assert.match(await made.locator('code').innerText(), /^bnd_/)
    const row = await token(page, 'mensual').innerText()
    assert.match(row, /lee y cambia/)
    assert.match(row, /hasta: /)
    const kept = fixture.office.tokens.list.find(({ name }) => name === 'mensual')
    assert.deepEqual(kept.accounts, ['ventas'])

    await page.reload()
    await token(page, 'mensual').waitFor()
    assert.equal(await page.locator('.made').count(), 0)
    await button(page, 'Terminar el token mensual').click()
    await button(page, 'Cancelar').click()
    assert.equal(await token(page, 'mensual').count(), 1)
    await button(page, 'Terminar el token mensual').click()
    await button(page, 'Terminarlo').click()
    await token(page, 'mensual').waitFor({ state: 'detached' })
    await until(page, 'it is ended', () => fixture.office.tokens.list.length === 3)
  })
})
