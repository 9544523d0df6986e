// Finding anyone, against the real program.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { violations } from '../axe.mjs'
import {
  answered,
  ask,
  at,
  hash,
  heading,
  inbox,
  messages,
  rows,
  setting,
  small,
  type,
  until,
  wide,
} from './office.mjs'

const input = (page) => page.locator('dialog input')
const options = (page) => page.locator('dialog [role=option]')
const group = (page, name) => page.getByRole('group', { name, exact: true })
const active = (page) => page.locator('dialog [role=option][aria-selected=true]')

/** Opens the box on a list and types. */
async function typed(page, text) {
  await rows(page)
  await page.keyboard.press('Control+k')
  await type(page, text)
}

/** María García writes from both platforms: with the 9 at one, without it at the other. */
async function twin(page) {
  const found = await ask(page, '/api/search?q=mari%20garcia&only=people')
  for (const { person } of found.people) {
    const detail = await ask(page, `/api/people/${person}`)
    if (detail.contacts.length === 2) return detail
  }
  return assert.fail('nobody has two contacts')
}

const dropViews = (page) =>
  page.evaluate(async () => {
    const { views } = await (await fetch('/api/views')).json()
    await Promise.all(views.map(({ id }) => fetch(`/api/views/${id}`, { method: 'DELETE' })))
  })

describe('the box', () => {
  test('finds a name that is written wrongly, marks it, and says why', () =>
    inbox('#/all', wide, async (page) => {
      await typed(page, 'garsia')
      const hit = group(page, 'Personas')
        .getByRole('option', { name: /García/ })
        .first()
      assert.ok((await hit.locator('mark').count()) > 0, 'nothing is marked')
      assert.match(await hit.innerText(), /suena igual|un cambio/)
    }))

  test('finds a part of a number, however it is written, and marks it', () =>
    inbox('#/all', wide, async (page) => {
      const { phones } = await twin(page)
      const [first] = phones
      const part = first.display.replace(/\D/g, '').slice(-8, -2)
      for (const text of [part, `${part.slice(0, 4)}-${part.slice(4)}`, `15 ${part}`]) {
        await typed(page, text)
        const marks = group(page, 'Personas').getByRole('option').first().locator('mark')
        await until(page, `${text} is marked`, async () => {
          const marked = (await marks.allInnerTexts()).join('').replace(/\D/g, '')
          return marked.endsWith(part)
        })
        await page.keyboard.press('Escape')
        await page.waitForSelector('dialog', { state: 'detached' })
      }
    }))

  test('finds whose a pasted link is, and says what sets the writings apart', () =>
    inbox('#/all', wide, async (page) => {
      const { name } = await twin(page)
      await rows(page)
      await page.keyboard.press('/')
      await input(page).fill('https://wa.me/541159834410?text=hola')
      const people = group(page, 'Personas').getByRole('option')
      await answered(page)
      assert.equal(await people.count(), 1)
      assert.match(await people.first().innerText(), new RegExp(name))
      await page.keyboard.press('Enter')
      await messages(page)
      const panel = page.locator('aside.panel')
      await until(page, 'it is theirs', async () => (await panel.innerText()).includes(name))
    }))

  test('keeps Home, End and the text’s own keys; arrows and pages move among what was found', () =>
    inbox('#/all', wide, async (page) => {
      await typed(page, 'ma')
      await page.keyboard.press('Home')
      assert.equal(await input(page).evaluate((field) => field.selectionStart), 0)
      await page.keyboard.press('End')
      assert.equal(await input(page).evaluate((field) => field.selectionStart), 2)
      await page.keyboard.press('ArrowDown')
      const second = await options(page).nth(1).getAttribute('id')
      assert.equal(await input(page).getAttribute('aria-activedescendant'), second)
      assert.equal(await active(page).getAttribute('id'), second)
      await page.keyboard.press('PageDown')
      assert.notEqual(await active(page).getAttribute('id'), second)
      await page.keyboard.press('PageUp')
      assert.equal(await active(page).getAttribute('id'), second)
      await page.keyboard.press('ArrowUp')
      await page.keyboard.press('ArrowUp')
      assert.equal(await active(page).getAttribute('id'), await options(page).last().getAttribute('id'))
    }))

  test('goes on with older messages, and sorts by the best', () =>
    inbox('#/all', wide, async (page) => {
      await typed(page, 'hola')
      const hits = group(page, 'Mensajes').getByRole('option')
      const more = group(page, 'Mensajes').getByText('Más mensajes')
      await more.waitFor()
      const before = await hits.count()
      await more.click()
      await until(page, 'there are more', async () => (await hits.count()) > before + 5)
      const texts = await hits.locator('.text').allInnerTexts()
      await page.getByRole('button', { name: 'Mejores' }).click()
      assert.equal(await page.getByRole('button', { name: 'Mejores' }).getAttribute('aria-pressed'), 'true')
      await until(page, 'they are sorted anew', async () => {
        const now = await hits.locator('.text').allInnerTexts()
        return now.length > 0 && now.join() !== texts.slice(0, now.length).join()
      })
    }))

  test('opens on what was searched and on views, with nothing typed; a command is found and done', () =>
    inbox('#/all', wide, async (page) => {
      await typed(page, 'garcia')
      await options(page).locator('mark').first().waitFor()
      await page.keyboard.press('Enter')
      await messages(page)
      await page.keyboard.press('Control+k')
      await group(page, 'Búsquedas recientes').getByText('garcia').waitFor()
      await group(page, 'Últimas personas').waitFor()
      await page.keyboard.type('por vencer')
      await group(page, 'Acciones').getByText('Ventana por vencer', { exact: true }).click()
      await until(page, 'the view is shown', async () => (await hash(page)) === '#/expiring')
    }))

  test('looks inside one thread from its header, and outside again with Backspace', () =>
    inbox('#/all', wide, async (page) => {
      const { threads } = await twin(page)
      await at(page, `#/all/${threads[0].thread}`)
      await messages(page)
      await page.getByRole('button', { name: 'Buscar en esta conversación' }).click()
      await page.waitForSelector('search input:focus')
      await page.keyboard.type('hola')
      await page.getByRole('button', { name: 'Ver como lista' }).click()
      await group(page, 'Mensajes').getByRole('option').first().waitFor()
      assert.equal(await group(page, 'Personas').count(), 0)
      const answer = await ask(page, `/api/search?q=hola&thread=${threads[0].thread}`)
      assert.ok(answer.messages.every(({ thread }) => thread === threads[0].thread))
      for (let i = 0; i < 5; i++) await page.keyboard.press('Backspace')
      await group(page, 'Últimas personas').waitFor()
      await until(page, 'the address is of all', async () => !(await hash(page)).includes('in='))
    }))

  test('shows what is typed as text, whatever it is', () =>
    inbox('#/all', wide, async (page) => {
      await rows(page)
      await page.keyboard.press('/')
      for (const text of [
        '<img src=x onerror=alert(1)>',
        '"</script>',
        "' OR 1=1 --",
        'estado:<b>',
        '\u202eabc',
        '((((',
        '*',
      ]) {
        await input(page).fill(text)
        await answered(page)
        assert.ok((await options(page).count()) > 0, text)
        assert.equal(await page.locator('dialog img, dialog b, dialog script').count(), 0)
      }
    }))
})

describe('the language of queries', () => {
  test('a filter is a chip that can be taken away, and a value is completed by keyboard', () =>
    inbox('#/all', wide, async (page) => {
      await typed(page, 'est')
      await page.locator('dialog .hint').getByText('estado:').waitFor()
      await page.keyboard.press('Tab')
      await until(page, 'the key is there', async () => (await input(page).inputValue()) === 'estado:')
      await group(page, 'Completar').getByRole('option').first().waitFor()
      await page.keyboard.type('ab')
      await group(page, 'Completar').getByText('estado:abierta').waitFor()
      const values = group(page, 'Completar').getByRole('option')
      await until(page, 'no other begins so', async () => (await values.count()) === 1)
      await page.keyboard.press('Enter')
      await until(page, 'the value is there', async () => (await input(page).inputValue()) === 'estado:abierta ')
      await type(page, 'gar')
      const chip = page.locator('dialog .strip .part')
      await chip.waitFor()
      assert.match(await chip.innerText(), /Estado: Abierta/i)
      await chip.click()
      assert.equal(await input(page).inputValue(), 'gar')
      assert.equal(await input(page).evaluate((field) => field === document.activeElement), true)
    }))

  test('what makes no sense is explained where it stands, the words are searched, and a click mends it', () =>
    inbox('#/all', wide, async (page) => {
      await typed(page, 'estado:abirta hola')
      const problem = page.locator('dialog .problems .problem')
      await problem.waitFor()
      assert.match(await problem.innerText(), /estado:abirta[\s\S]*no/)
      await group(page, 'Mensajes').getByRole('option').first().waitFor()
      await problem.getByRole('button').first().click()
      assert.equal(await input(page).inputValue(), 'estado:abierta hola')
      await problem.waitFor({ state: 'detached' })
      await page.locator('dialog .strip .part').waitFor()
    }))

  test('Ctrl Enter narrows the list; its chips say by what, one is taken away, Escape ends it', () =>
    inbox('#/inbox', wide, async (page) => {
      await typed(page, 'estado:abierta cuenta:ventas')
      await page.locator('dialog .strip .part').nth(1).waitFor()
      await page.keyboard.press('Control+Enter')
      const parts = page.locator('.list .filter .part')
      await parts.nth(1).waitFor()
      const { total, threads } = await ask(page, '/api/threads?view=all&q=estado:abierta%20cuenta:ventas')
      await page.locator('.list .filter').getByText(`${total} conversaci`).waitFor()
      assert.equal(await page.locator('.list [role=option]').first().getAttribute('data-thread'), threads[0].thread)
      assert.match(await hash(page), /#\/all\?q=/)
      await page.reload()
      await parts.nth(1).waitFor()
      await parts.first().locator('.remove').click()
      await until(page, 'one is left', async () => (await parts.count()) === 1)
      await page.keyboard.press('Escape')
      await until(page, 'the list is whole', async () => (await page.locator('.list .filter').count()) === 0)
    }))

  test('a filter that leaves nothing says what was looked for, and how to go on', () =>
    inbox('#/all?q=etiqueta:vip%20qqzzxx', wide, async (page) => {
      await page.getByText('Ninguna conversación con este filtro').waitFor()
      await page.getByText('Se buscó: etiqueta:vip qqzzxx').waitFor()
      await page.locator('.notice').getByRole('button', { name: 'Cambiar el filtro' }).click()
      assert.equal(await input(page).inputValue(), 'etiqueta:vip qqzzxx')
    }))
})

describe('saved views', () => {
  test('are made of a filter, counted, renamed, moved by keyboard, deleted and brought back', () =>
    inbox('#/all?q=estado:abierta', wide, async (page) => {
      await dropViews(page)
      await page.reload()
      for (const [name, query] of [
        ['Abiertas de hoy', 'estado:abierta'],
        ['De ventas', 'cuenta:ventas'],
      ]) {
        await at(page, `#/all?q=${query}`)
        await page.getByRole('button', { name: 'Guardar vista' }).click()
        await page.getByLabel('Nombre de la vista').fill(name)
        await page.keyboard.press('Enter')
        await page.waitForSelector('dialog', { state: 'detached' })
      }
      const saved = page.getByRole('navigation', { name: 'Mis vistas' })
      const names = () => saved.locator('.nav bdi').allInnerTexts()
      const entry = (name) => saved.locator('.nav', { hasText: name })
      await until(page, 'both are there', async () => (await names()).length === 2)
      const { total } = await ask(page, '/api/threads?view=all&q=estado:abierta')
      await until(page, 'it is counted', async () => {
        const count = await entry('Abiertas').locator('.count').innerText()
        return Number(count.replace(/\D/g, '')) === total
      })
      await entry('De ventas').focus()
      await page.keyboard.press('Alt+ArrowUp')
      await until(page, 'it is first', async () => (await names())[0] === 'De ventas')
      await page.keyboard.press('F2')
      await page.getByLabel('Nombre de la vista').fill('De <b>ventas</b>')
      await page.keyboard.press('Enter')
      await until(page, 'it has its name', async () => (await names())[0] === 'De <b>ventas</b>')
      await page.keyboard.press('Control+k')
      await page.keyboard.type('abiertas de')
      await group(page, 'Acciones').getByText('Abiertas de hoy').click()
      await until(page, 'the view is shown', async () => (await hash(page)) === '#/all?q=estado%3Aabierta')
      assert.equal(await entry('Abiertas').getAttribute('aria-current'), 'page')
      await saved.getByRole('button', { name: 'Acciones de Abiertas de hoy' }).click()
      await page.getByRole('menuitem', { name: 'Borrar' }).click()
      await until(page, 'it is gone', async () => (await names()).length === 1)
      await page.locator('.toast .undo').click()
      await until(page, 'it is back in its place', async () => (await names())[1] === 'Abiertas de hoy')
      await dropViews(page)
    }))
})

describe('a person', () => {
  test('is one over both platforms, why is said; a split is made by hand, and taken back', () =>
    inbox('#/all', wide, async (page) => {
      const { threads, person } = await twin(page)
      await at(page, `#/all/${threads[0].thread}`)
      await messages(page)
      const panel = page.getByRole('complementary', { name: 'Persona' })
      await panel.getByText('misma línea, sin el 9').waitFor()
      const listed = panel.locator('.threads li')
      await until(page, 'both are listed', async () => (await listed.count()) === 2)
      await panel.getByRole('button', { name: 'No es la misma persona' }).click()
      await panel
        .getByRole('button', { name: /^Separar a Mari/ })
        .last()
        .click()
      await page.locator('.toast').getByText('Separaste a').waitFor()
      await until(page, 'they are two', async () => (await listed.count()) === 1)
      await panel.getByText('¿La misma persona?').waitFor()
      await page.keyboard.press('z')
      await until(page, 'they are one again', async () => (await listed.count()) === 2)
      assert.equal((await ask(page, `/api/people/${person}`)).contacts.length, 2)
    }))

  test('is read as one timeline, each message with where it is from', () =>
    inbox('#/all', wide, async (page) => {
      const { threads } = await twin(page)
      await at(page, `#/all/${threads[0].thread}`)
      await messages(page)
      const panel = page.getByRole('complementary', { name: 'Persona' })
      await panel.getByRole('switch', { name: 'Una sola línea de tiempo' }).click()
      await page.locator('.bubble .from').first().waitFor()
      assert.match(await hash(page), /together/)
      const log = page.locator('[role=log]')
      const sources = new Set()
      await until(page, 'both platforms are read', async () => {
        for (const from of await log.locator('.from').allInnerTexts()) sources.add(from.split(' ')[0])
        await log.evaluate((element) => element.scrollBy(0, -400))
        return sources.has('Waspy') && sources.has('Plática')
      })
      await panel.getByRole('switch').click()
      await page.waitForSelector('.bubble .from', { state: 'detached' })
      assert.equal(await heading(page), (await ask(page, `/api/threads/${threads[0].thread}`)).thread.name)
    }))
})

describe('finding, for everybody', () => {
  for (const language of ['es-AR', 'en']) {
    for (const theme of ['light', 'dark']) {
      for (const [name, size] of Object.entries({ wide, small })) {
        test(`axe finds nothing: ${language}, ${theme}, ${name}`, () =>
          inbox('#/all', size, async (page) => {
            await setting(page, { language, theme })
            await page.reload()
            await rows(page)
            const { threads } = await twin(page)
            const look = async (hash, selector) => {
              await at(page, hash)
              await page.locator(selector).first().waitFor()
              assert.deepEqual(await violations(page), [], hash)
              assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, hash)
            }
            await look('#/all?find', 'dialog .key')
            await at(page, '#/all')
            await look('#/all?find=garsia', 'dialog mark')
            await look('#/all?find=qqzzxx', 'dialog strong')
            await look('#/all?q=estado:abierta', '.filter .part:not(.word)')
            await look(`#/all/${threads[0].thread}?panel`, size === wide ? 'aside.panel .why' : 'dialog .why')
            await setting(page, { language: 'es-AR', theme: 'light' })
          }))
      }
    }
  }
})
