// The look over the profile, on the settings page.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { at, offices } from './office.mjs'

const office = offices({ threads: 20 })

const button = (page, name) => page.getByRole('button', { name, exact: true })

test('the profile is looked over when somebody asks, and what is found says what to do', async () => {
  await office({}, async (page, fixture) => {
    await at(page, '#/settings/data')
    await page.getByText('Lo tuyo se respaldó solo por última vez').waitFor()
    const asked = () => fixture.asked.filter((each) => each === 'GET /api/doctor').length
    assert.equal(asked(), 0)
    assert.equal(await button(page, 'Copiar diagnóstico').count(), 0)
    await button(page, 'Revisar ahora').click()
    await page.getByText('1 cosa para mirar.').waitFor()
    assert.equal(asked(), 1)
    const bad = page.locator('li.bad')
    assert.match(await bad.innerText(), /soporte: su clave no está aquí[\s\S]*bandeja account key soporte/)
    await bad.getByRole('img', { name: 'por hacer' }).waitFor()
    assert.match(
      await page.getByRole('region', { name: 'Para quien ayuda' }).innerText(),
      /1: waspy at the usual address/,
    )
    fixture.refuse = (url) => (url.pathname === '/api/doctor' ? [500, 'unexpected', 'Algo salió mal.'] : undefined)
    await button(page, 'Revisar ahora').click()
    await page.getByText('No se pudo revisar. Probá de nuevo.').waitFor()
  })
})

test('the diagnostics are copied as they are shown', async () => {
  await office({}, async (page) => {
    await page.evaluate(() => {
      navigator.clipboard.writeText = async (text) => {
        window.took = text
      }
    })
    await at(page, '#/settings/data')
    await button(page, 'Revisar ahora').click()
    await button(page, 'Copiar diagnóstico').click()
    await button(page, 'Copiado').waitFor()
    assert.match(await page.evaluate(() => window.took), /^Bandeja 1\.0\n/)
  })
})
