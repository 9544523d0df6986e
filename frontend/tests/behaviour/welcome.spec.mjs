// An inbox with no account: the demo office is one press away.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { comes, offices } from './office.mjs'

const office = offices({ scenario: 'empty' }, 'h1')

const demo = (page) => page.getByRole('button', { name: 'Probar la oficina de muestra' })

test('the demo office opens in place of the welcome, and Back comes back', async () => {
  await office({}, async (page, fixture) => {
    await demo(page).click()
    await page.waitForURL(/#k=demo$/)
    assert.ok(fixture.asked.includes('POST /api/demo'))
    await page.goBack()
    await demo(page).waitFor()
  })
})

test('in the window it has a window of its own, and where it cannot be opened it is said how else', async () => {
  await office({ native: true }, async (page, fixture) => {
    await demo(page).click()
    await page.getByText('se abre en una ventana propia').waitFor()
    fixture.refuse = (url) =>
      url.pathname === '/api/demo'
        ? [502, 'demo', 'No se pudo abrir la oficina de muestra. En una terminal: bandeja demo']
        : undefined
    await demo(page).click()
    await page.locator('[role=alert]', { hasText: 'En una terminal: bandeja demo' }).waitFor()
    await comes(page, 'it can be pressed again', () => demo(page).isEnabled(), true)
  })
})
