// Choosing other keys, and that the keys, the hints and the help follow.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { violations } from '../axe.mjs'
import { at, comes, keys, offices, row, until } from './office.mjs'

const office = offices({ threads: 60 })

const line = (page, command) => page.locator(`[data-command=${command}]`)
const slots = (page, command) => line(page, command).locator('.slot')
const said = (page) => page.locator('[data-command] [role=alert]')

async function settings(page) {
  await at(page, '#/settings/keys')
  await page.waitForSelector('[data-command]')
}

async function list(page) {
  await at(page, '#/all')
  await row(page, 't_000001').waitFor()
}

/** A press that no keyboard of the browser's own makes: ñ, an accent that waits, AltGr. */
const press = (page, init) =>
  page.evaluate((init) => {
    const event = new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init })
    document.activeElement.dispatchEvent(event)
  }, init)

const changes = (fixture) => fixture.asked.filter((each) => each === 'POST /api/changes').length

describe('choosing a key', () => {
  test('with the keyboard alone: the new one does it, the old one nothing, and every hint says so', async () => {
    await office({}, async (page, fixture) => {
      await settings(page)
      await slots(page, 'resolve').first().focus()
      await keys(page, 'Enter')
      await page.getByText('Apretá una tecla…').waitFor()
      await press(page, { key: 'ñ' })
      await until(page, 'it is kept', () => fixture.state.keys.resolve?.[0] === 'ñ')
      await comes(page, 'the new one is shown', () => slots(page, 'resolve').first().innerText(), 'ñ')
      assert.equal(
        await page.evaluate(() => document.activeElement.closest('[data-command]')?.dataset.command),
        'resolve',
      )
      await until(page, 'it is said', async () =>
        (await page.locator('[role=status]').allInnerTexts()).some((text) => text.includes('Resolver: ñ')),
      )
      await list(page)
      await keys(page, 'j', 'e')
      await page.waitForTimeout(100)
      assert.equal(changes(fixture), 0)
      await press(page, { key: 'ñ' })
      await until(page, 'it is resolved', () => changes(fixture) === 1)
      await keys(page, '?')
      const help = await page.locator('dialog .help div', { hasText: 'Resolver' }).last().innerText()
      assert.match(help, /^ñ\s+Resolver$/)
    })
  })

  test('Escape leaves it as it was and stays on the page; Tab goes on', async () => {
    await office({}, async (page, fixture) => {
      await settings(page)
      await slots(page, 'resolve').first().click()
      await keys(page, 'Escape')
      assert.equal(await slots(page, 'resolve').first().innerText(), 'e')
      assert.match(await page.evaluate(() => location.hash), /settings\/keys/)
      await slots(page, 'resolve').first().click()
      await keys(page, 'Tab')
      assert.equal(await slots(page, 'resolve').first().innerText(), 'e')
      assert.match(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), /Agregar/)
      assert.deepEqual(fixture.state.keys, {})
    })
  })

  test('one that another has is refused, naming it, before the server is asked', async () => {
    await office({}, async (page, fixture) => {
      await settings(page)
      await slots(page, 'resolve').first().click()
      await keys(page, 'n')
      assert.match(await said(page).innerText(), /«n» ya es de «Escribir una nota»/)
      await keys(page, 'Control+p')
      assert.match(await said(page).innerText(), /navegador/)
      await keys(page, 'g', 'i')
      assert.match(await said(page).innerText(), /«g i» ya es de «Bandeja de entrada»/)
      assert.deepEqual(
        fixture.asked.filter((each) => each.startsWith('PATCH')),
        [],
      )
      await keys(page, 'g', 'x')
      await until(page, 'it is kept', () => fixture.state.keys.resolve?.[0] === 'g x')
      await comes(page, 'nothing more is said', () => said(page).count(), 0)
    })
  })

  test('with AltGr and with an accent that waits it is refused', async () => {
    await office({}, async (page) => {
      await settings(page)
      await slots(page, 'next').first().click()
      await press(page, { key: '[', ctrlKey: true, altKey: true, modifierAltGraph: true })
      assert.match(await said(page).innerText(), /AltGr/)
      await press(page, { key: 'Dead' })
      assert.match(await said(page).innerText(), /no se puede usar/)
    })
  })

  test('a second key is added, and Backspace drops it', async () => {
    await office({}, async (page, fixture) => {
      await settings(page)
      await slots(page, 'resolve').last().click()
      await keys(page, 'Control+e')
      await until(page, 'both are kept', () => fixture.state.keys.resolve?.join() === 'e,Mod+e')
      await slots(page, 'resolve').first().click()
      await keys(page, 'Backspace')
      await until(page, 'one is', () => fixture.state.keys.resolve?.join() === 'Mod+e')
      await comes(page, 'it is shown', () => slots(page, 'resolve').first().innerText(), 'Ctrl E')
    })
  })

  test('off, its own again, and all their own again with an undo', async () => {
    await office({}, async (page, fixture) => {
      await settings(page)
      await line(page, 'resolve').getByRole('button', { name: 'sin tecla' }).click()
      await until(page, 'it is off', () => fixture.state.keys.resolve?.length === 0)
      await line(page, 'resolve').getByRole('button', { name: 'fábrica' }).click()
      await until(page, 'it has its own', () => !('resolve' in fixture.state.keys))
      await line(page, 'note').getByRole('button', { name: 'sin tecla' }).click()
      await until(page, 'it is off', () => fixture.state.keys.note?.length === 0)
      await page.getByRole('button', { name: 'Volver todas' }).click()
      await until(page, 'all are', () => Object.keys(fixture.state.keys).length === 0)
      await page.locator('.toast .undo').click()
      await until(page, 'what was chosen is back', () => fixture.state.keys.note?.length === 0)
    })
  })

  test('what the server does not keep is said and taken back', async () => {
    await office({}, async (page, fixture) => {
      await settings(page)
      fixture.refuse = (url, body) =>
        url.pathname === '/api/settings' && body.keys ? [409, 'keys', 'Otra ventana cambió las teclas.'] : null
      await slots(page, 'resolve').first().click()
      await keys(page, 'q')
      await until(page, 'it is said', async () => /Otra ventana/.test(await page.locator('.toast').innerText()))
      await until(page, 'it is as it was', async () => (await slots(page, 'resolve').first().innerText()) === 'e')
    })
  })
})

test('with keys by themselves off, they do nothing, and those with Ctrl and the arrows go on', async () => {
  await office({}, async (page, fixture) => {
    await settings(page)
    await page.getByRole('switch', { name: 'Usar teclas sueltas' }).click()
    await until(page, 'it is kept', () => fixture.state.single_keys === false)
    await list(page)
    await keys(page, 'ArrowDown', 'e', 'x', '/', '?')
    await page.waitForTimeout(100)
    assert.equal(changes(fixture), 0)
    assert.equal(await page.locator('dialog[open]').count(), 0)
    await row(page, 't_000000').and(page.locator('[data-active]')).waitFor()
    await keys(page, 'Control+k')
    await page.waitForSelector('dialog[open]')
  })
})

test('a page that is open elsewhere follows', async () => {
  await office({}, async (page, fixture) => {
    fixture.state.keys = { resolve: 'q' }
    // It may not listen yet.
    await until(page, 'the state was asked for again', () => {
      fixture.tell('state', {})
      return fixture.asked.filter((each) => each === 'GET /api/state').length > 1
    })
    await keys(page, '?')
    const help = page.locator('dialog .help div', { hasText: 'Resolver' }).last()
    await until(page, 'the help says so', async () => /^q\s/.test(await help.innerText()))
    await keys(page, 'Escape')
    await page.waitForSelector('dialog', { state: 'detached' })
    await keys(page, 'j', 'q')
    await until(page, 'it is resolved', () => changes(fixture) === 1)
  })
})

test('the help leads to the settings of keys, where axe finds nothing while a key is being chosen', async () => {
  await office({}, async (page) => {
    await keys(page, '?')
    await page.getByRole('button', { name: 'Cambiar las teclas…' }).click()
    await page.waitForSelector('[data-command]')
    await slots(page, 'resolve').first().click()
    await keys(page, 'n')
    assert.deepEqual(await violations(page), [])
  })
})
