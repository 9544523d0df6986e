// What takes a server that does as it is told: changes at a given moment, slow
// answers, an office of any size.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { answered, at, comes, hash, offices, opened, still, tell, until } from './office.mjs'

const inOffice = offices({}, '.office')

const rows = (page) => page.waitForSelector('[role=option]')
const message = (page, id) => page.waitForSelector(`[data-message="${id}"]`)

/** Holds answers back until the returned func is called. */
function hold(fixture, which) {
  let go
  const held = new Promise((resolve) => (go = resolve))
  fixture.hold = (url) => (which(url) ? held : undefined)
  return go
}

const topOf = (page, selector) => page.locator(selector).evaluate((element) => element.getBoundingClientRect().top)

describe('changes', () => {
  test('a new message comes to the top of the list, and under the open thread', () =>
    inOffice({}, async (page, fixture) => {
      await rows(page)
      await at(page, '#/inbox/t_000004')
      await opened(page, 't_000004')
      fixture.office.write('t_000004', 'Una palabra nueva: zafarrancho')
      await tell(page, fixture, 'threads', { threads: ['t_000004'] })
      await page.locator('[role=log]').getByText('zafarrancho').waitFor()
      await page.locator('[role=option]').first().getByText('zafarrancho').waitFor()
      await comes(
        page,
        'it is on top',
        () => page.locator('[role=option]').first().getAttribute('data-thread'),
        't_000004',
      )
      await until(page, 'it is said', async () =>
        /zafarrancho/.test(await page.locator('p[aria-live=polite]').innerText()),
      )
      await until(page, 'it counts as read', () => fixture.office.row('t_000004').unread === false)
    }))

  test('rows that come in above leave the ones on screen where they are', () =>
    inOffice({ threads: 300 }, async (page, fixture) => {
      await at(page, '#/all')
      await rows(page)
      await page.locator('[role=listbox]').evaluate((list) => (list.scrollTop = 3000))
      await until(
        page,
        'the list is scrolled',
        async () => (await page.locator('[role=option]').first().getAttribute('aria-posinset')) > 20,
      )
      const middle = await page.locator('[role=option]').nth(9).getAttribute('data-thread')
      const place = `[data-thread="${middle}"]`
      const position = async () => Number(await page.locator(place).getAttribute('aria-posinset'))
      const [was, before] = [await position(), await topOf(page, place)]
      for (const id of ['t_000060', 't_000070', 't_000080']) fixture.office.write(id, 'hola')
      await tell(page, fixture, 'threads', { threads: null })
      await comes(page, 'three rows are above it', position, was + 3)
      assert.equal(await topOf(page, place), before)
    }))

  test('progress and language of the office are followed', () =>
    inOffice({ scenario: 'first_copy' }, async (page, fixture) => {
      await page.getByText('leyendo mensajes: 310 de 1.240').waitFor()
      fixture.office.accounts[1].reading.done = 800
      await tell(page, fixture, 'state')
      await page.getByText('leyendo mensajes: 800 de 1.240').waitFor()
      fixture.state.language = 'en'
      await tell(page, fixture, 'reset')
      await page.getByText('reading messages: 800 of 1,240').waitFor()
    }))

  test('both tabs hear of them over one stream', () =>
    inOffice({}, async (page, fixture, context) => {
      await rows(page)
      const second = await context.newPage()
      await second.goto(fixture.origin)
      await rows(second)
      await until(page, 'the stream is open', () => fixture.open.size === 1)
      fixture.office.write('t_000008', 'zafarrancho')
      fixture.tell('threads', { threads: ['t_000008'] })
      for (const each of [page, second]) await each.locator('[role=option]').first().getByText('zafarrancho').waitFor()
      assert.equal(fixture.open.size, 1)
    }))

  test('when the server goes away it is said, and what is shown stays', () =>
    inOffice({}, async (page, fixture) => {
      await rows(page)
      await until(page, 'the stream is open', () => fixture.open.size === 1)
      await fixture.close()
      await page.getByRole('status').getByText('Bandeja no responde').first().waitFor()
      assert.ok((await page.locator('[role=option]').count()) > 5)
    }))
})

describe('a long thread', () => {
  test('keeps its place while older messages come in above, back to the first', () =>
    inOffice({ threads: 120 }, async (page, fixture) => {
      await at(page, '#/all/t_000020')
      await message(page, 'm399')
      const log = page.locator('[role=log]')
      let arrive = () => {}
      const older = () => fixture.asked.filter((each) => each.includes('before=')).length
      fixture.hold = (url) =>
        url.searchParams.has('before') ? new Promise((resolve) => (arrive = resolve)) : undefined
      for (let pages = 1; pages <= 3; pages++) {
        await until(page, `page ${pages} is asked for`, async () => {
          if (older() < pages) await log.evaluate((element) => element.scrollBy(0, -300))
          return older() === pages
        })
        await still(page)
        const [known, before] = await page.locator('[role=log] [data-message]').evaluateAll((all) => {
          const shown = all.find((each) => each.getBoundingClientRect().top > 100)
          return [shown.dataset.message, shown.getBoundingClientRect().top]
        })
        const height = await log.evaluate((element) => element.scrollHeight)
        arrive()
        await until(page, 'it is there', async () => (await log.evaluate((element) => element.scrollHeight)) > height)
        await still(page)
        const moved = (await topOf(page, `[data-message="${known}"]`)) - before
        assert.ok(Math.abs(moved) < 2, `page ${pages}: ${known} moved by ${moved} px`)
      }
      fixture.hold = undefined
      arrive()
      await until(page, 'the first message is drawn', async () => {
        await log.evaluate((element) => element.scrollBy(0, -700))
        return (await page.locator('[data-message="m0"]').count()) === 1
      })
    }))

  test('opened at a message shows it, and goes on to the end', () =>
    inOffice({ threads: 120 }, async (page) => {
      await rows(page)
      await at(page, '#/all/t_000020?m=m100')
      await page.waitForSelector('.bubble.on')
      await still(page)
      const box = await page.locator('.bubble.on').boundingBox()
      assert.ok(box.y > 48 && box.y + box.height < 800, `it is on screen: ${JSON.stringify(box)}`)
      const log = page.locator('[role=log]')
      await until(page, 'the end is reached', async () => {
        await log.evaluate((element) => element.scrollBy(0, 700))
        return (await page.locator('[data-message="m399"]').count()) === 1
      })
    }))
})

describe('slow answers', () => {
  test('never paint over newer ones', () =>
    inOffice({}, async (page, fixture) => {
      await rows(page)
      let go = hold(fixture, (url) => url.pathname.includes('t_000003'))
      await page.locator('[data-thread="t_000003"]').click()
      await page.locator('[data-thread="t_000005"]').click()
      await opened(page, 't_000005')
      await still(page)
      const shown = await page.locator('[role=log]').innerText()
      go()
      await page.waitForTimeout(400)
      assert.equal(await page.locator('[role=log]').innerText(), shown)
      go = hold(fixture, (url) => url.searchParams.get('q') === 'ga')
      await page.keyboard.press('/')
      await page.keyboard.type('gar')
      await answered(page)
      go()
      await page.waitForTimeout(400)
      assert.ok((await page.locator('dialog mark').count()) > 0)
      for (const mark of await page.locator('dialog mark').allInnerTexts()) assert.match(mark, /^gar$/i)
    }))

  test('leave what is known on the screen: no blank, no spinner', () =>
    inOffice({}, async (page, fixture) => {
      await rows(page)
      for (const thread of ['t_000003', 't_000005']) {
        await page.locator(`[data-thread="${thread}"]`).click()
        await opened(page, thread)
      }
      const go = hold(fixture, () => true) // nothing is answered
      await page.locator('[data-thread="t_000003"]').click()
      await opened(page, 't_000003')
      await page.waitForSelector('[data-message="m23"]')
      await page.locator('nav button').nth(4).click()
      await page.waitForSelector('[role=option]', { state: 'detached' })
      await page.locator('nav button').nth(0).click()
      await rows(page)
      go()
    }))
})

describe('what is not here', () => {
  test('is said under the results, an account a line, and asked for; what the platforms bring comes by itself', () =>
    inOffice({ scenario: 'first_copy' }, async (page, fixture) => {
      await rows(page)
      await page.keyboard.press('/')
      await page.keyboard.type('gar')
      const coverage = page.locator('dialog .coverage')
      await coverage.getByText('Waspy ventas: listando: 1.240 chats, hasta marzo de 2024').waitFor()
      await coverage.getByText('Plática soporte: leyendo mensajes, 310 de 1.240 chats').waitFor()
      await coverage.getByRole('button', { name: 'Completar ahora' }).click()
      await coverage.getByRole('button', { name: 'Pedido: llega solo' }).waitFor()
      await comes(page, 'it is asked for', () => fixture.office.finding.fetched, [{}])
      await answered(page)
      await page.keyboard.press('ArrowDown')
      const active = await page.locator('dialog [aria-selected=true]').innerText()
      fixture.office.rows[1].name = 'Garay Nuevo'
      fixture.office.finding.remote = 'asking'
      await tell(page, fixture, 'search')
      await page.locator('dialog').getByText('Garay Nuevo').waitFor()
      await coverage.getByText('preguntando a las plataformas…').waitFor()
      await comes(
        page,
        'what was chosen still is',
        () => page.locator('dialog [aria-selected=true]').innerText(),
        active,
      )
    }))

  test('is said where a filter leaves nothing', () =>
    inOffice({ scenario: 'first_copy' }, async (page, fixture) => {
      await at(page, '#/all?q=zzzz')
      const lacking = page.locator('.lacking')
      await lacking.getByText('Plática soporte: leyendo mensajes, 310 de 1.240 chats').waitFor()
      await lacking.getByRole('button').click()
      await until(page, 'it is asked for', () => fixture.office.finding.fetched.length === 1)
    }))
})

describe('typing', () => {
  test('Enter before the answer opens what is typed, not what was found before', () =>
    inOffice({}, async (page, fixture) => {
      await rows(page)
      await page.keyboard.press('/')
      await page.keyboard.type('gar')
      await page.waitForSelector('dialog mark')
      fixture.delay = (url) => (url.pathname === '/api/search' ? 300 : 0)
      await page.locator('dialog input').fill('Juan')
      await page.keyboard.press('Enter')
      await page.waitForSelector('[data-message]')
      assert.match(await page.locator('.thread h2').innerText(), /Juan/)
    }))

  test('keeps what was found until there is something newer: the list is never blank', () =>
    inOffice({}, async (page, fixture) => {
      await rows(page)
      await page.keyboard.press('/')
      await page.keyboard.type('g')
      await page.waitForSelector('dialog mark')
      await page.evaluate(() => {
        globalThis.blank = 0
        const look = new MutationObserver(() => {
          if (!document.querySelector('dialog [role=option]')) globalThis.blank++
        })
        look.observe(document.querySelector('dialog'), { childList: true, subtree: true })
      })
      fixture.delay = (url) => (url.pathname === '/api/search' ? 60 : 0)
      await page.keyboard.type('arcía', { delay: 90 })
      await page.waitForTimeout(400)
      assert.equal(await page.evaluate(() => globalThis.blank), 0)
    }))

  test('what is being composed is not searched, and its Enter and arrows are its own', () =>
    inOffice({}, async (page, fixture) => {
      await rows(page)
      await page.keyboard.press('/')
      await page.waitForSelector('dialog input:focus')
      const client = await page.context().newCDPSession(page)
      await client.send('Input.imeSetComposition', { text: 'ga', selectionStart: 2, selectionEnd: 2 })
      await page.waitForTimeout(300)
      assert.ok(!fixture.asked.some((each) => each.includes('/api/search?q=ga')))
      await client.send('Input.insertText', { text: 'gar' })
      await page.waitForSelector('dialog mark')
      assert.equal(await page.locator('dialog input').inputValue(), 'gar')
    }))
})

describe('what was searched', () => {
  test('is there after the page was loaded again, until it is cleared', () =>
    inOffice({}, async (page, fixture) => {
      const recent = page.getByRole('group', { name: 'Búsquedas recientes' }).getByRole('option')
      for (const query of ['juan', 'garcía']) {
        await rows(page)
        await page.keyboard.press('/')
        await page.keyboard.type(query)
        await page.waitForSelector('dialog mark')
        await page.keyboard.press('Enter')
        await page.waitForSelector('dialog', { state: 'detached' })
        await until(page, `${query} is kept`, () => fixture.office.finding.recent[0] === query)
      }
      await page.reload()
      await rows(page)
      await page.keyboard.press('/')
      await recent.first().waitFor()
      assert.deepEqual(await recent.allInnerTexts(), ['garcía', 'juan', 'Borrar búsquedas recientes'])
      await recent.last().click()
      await recent.first().waitFor({ state: 'detached' })
      await until(page, 'they are gone', () => fixture.office.finding.recent.length === 0)
      assert.ok(await page.locator('dialog input').evaluate((input) => input === document.activeElement))
    }))
})

describe('who looks like the same person', () => {
  test('is kept apart, suggested no more, and is suggested again when that is taken back', () =>
    inOffice({}, async (page, fixture) => {
      fixture.office.finding.apart.add('t_000003')
      await at(page, '#/all/t_000002')
      const panel = page.getByRole('complementary', { name: 'Persona' })
      const suggested = panel.getByText('¿La misma persona?')
      await suggested.waitFor()
      await panel.getByRole('button', { name: /^Dejar aparte a / }).click()
      await page.locator('.toast').getByText('Dejaste aparte a').waitFor()
      await suggested.waitFor({ state: 'detached' })
      assert.ok(fixture.asked.some((each) => /^POST \/api\/people\/[^/]+\/apart$/.test(each)))
      await page.keyboard.press('z')
      await suggested.waitFor()
    }))
})

describe('links', () => {
  const link = (page) => page.locator('[role=log] a[href^="https:"]').first()

  test('open in a tab of their own, without a word about where from', () =>
    inOffice({}, async (page) => {
      await rows(page)
      await at(page, '#/inbox/t_000003')
      await link(page).waitFor()
      assert.equal(await link(page).getAttribute('target'), '_blank')
      assert.equal(await link(page).getAttribute('rel'), 'noopener noreferrer')
    }))

  test('are opened by Bandeja where there is no tab to open', () =>
    inOffice({ native: true }, async (page, fixture) => {
      await rows(page)
      await at(page, '#/inbox/t_000003')
      await link(page).click()
      await until(page, 'the link is asked for', () => fixture.links.length === 1)
      assert.equal(fixture.links[0], 'https://tienda.example/pedidos/4410')
    }))
})

describe('connecting', () => {
  test('says what is wrong at its field, never shows the key, and then what was found', () =>
    inOffice({ scenario: 'empty' }, async (page, fixture) => {
      await page.getByRole('button', { name: 'Conectar Plática' }).click()
      await page.getByLabel('Nombre de la cuenta').fill('Ventas!')
      await page.getByLabel('Clave de API').fill('wrong')
      await page.getByRole('button', { name: 'Conectar', exact: true }).click()
      await page.getByText('El nombre lleva minúsculas').waitFor()
      await page.getByLabel('Nombre de la cuenta').fill('ventas')
      await page.getByLabel('Nombre de la cuenta').press('Enter')
      await page.getByText('La plataforma rechazó la clave.').waitFor()
      assert.equal(await page.getByLabel('Clave de API').getAttribute('type'), 'password')
      await page.getByLabel('Clave de API').fill('right')
      await page.getByRole('button', { name: 'Conectar', exact: true }).click()
      await page.getByText('ventas está conectada').waitFor()
      await page.getByText('Soporte Técnico').waitFor()
      await tell(page, fixture, 'state')
      await page.getByRole('button', { name: 'Ver las conversaciones' }).click()
      await page.getByText('La primera copia está en marcha').waitFor()
      assert.equal(await hash(page), '#/all?account=ventas')
    }))
})

describe('a fresh link', () => {
  test('pasted into a page whose session is over brings it back', () =>
    inOffice({}, async (page, fixture, context) => {
      await rows(page)
      await context.clearCookies()
      await page.reload()
      await page.getByText('Hace falta un enlace nuevo').waitFor()
      fixture.code = 'fresh'
      await page.evaluate(() => (location.hash = '#k=fresh'))
      await rows(page)
      assert.ok(!(await hash(page)).includes('k='))
    }))
})

describe('keys', () => {
  test('with AltGr, in fields, and while a dialog is open do nothing', () =>
    inOffice({}, async (page) => {
      await rows(page)
      await page.evaluate(() =>
        document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'j', modifierAltGraph: true, bubbles: true })),
      )
      assert.equal(await page.locator('[data-active]').count(), 0)
      await page.keyboard.press('?')
      await page.waitForSelector('dialog')
      await page.keyboard.press('j')
      assert.equal(await page.locator('[data-active]').count(), 0)
      await page.keyboard.press('Escape')
      await page.waitForSelector('dialog', { state: 'detached' })
    }))

  test('the focus comes back to where it was when a dialog closes', () =>
    inOffice({}, async (page) => {
      await rows(page)
      await page.locator('.find').click()
      await page.waitForSelector('dialog input')
      await page.keyboard.press('Escape')
      await page.waitForSelector('dialog', { state: 'detached' })
      await until(page, 'the search box has the focus', () =>
        page.evaluate(() => document.activeElement?.classList.contains('find') === true),
      )
    }))
})
