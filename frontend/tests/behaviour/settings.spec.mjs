// The page of the settings: ways in and out, and what each section does.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { at, comes, hash, keys, offices, open, row, tell, until } from './office.mjs'

const office = offices({ threads: 60 })

const focused = (page) => page.evaluate(() => document.activeElement?.textContent?.trim() ?? '')
const section = (page, name) => page.locator('.settings nav a', { hasText: name })
const opened = (page) => page.waitForSelector('.settings')

test('Ctrl , opens the settings, and Escape goes back to the thread that was open', async () => {
  await office({}, async (page) => {
    await open(page, 't_000003')
    await keys(page, 'Control+,')
    await opened(page)
    assert.match(await hash(page), /^#\/settings\/\w+$/)
    assert.equal(await page.locator('[role=option]').count(), 0)
    await keys(page, 'Escape')
    await page.waitForSelector('[data-message]')
    assert.equal(await hash(page), '#/all/t_000003')
    await page.goBack()
    await opened(page)
  })
})

test('they open from the sidebar and from the search, and a link comes to a section', async () => {
  await office({}, async (page) => {
    await page.click('.side >> text=Ajustes')
    await opened(page)
    await comes(page, 'where one is', () => page.locator('.side [aria-current=page]').innerText(), 'Ajustes')
    await page.goBack()
    await page.waitForSelector('[role=option]')
    await keys(page, 'Control+k')
    await page.keyboard.type('ajustes')
    await page.locator('dialog [role=option]', { hasText: 'Ctrl ,' }).click()
    await opened(page)
    await at(page, '#/settings/appearance')
    await comes(page, 'the section', () => section(page, 'Apariencia').getAttribute('aria-current'), 'page')
    await until(page, 'the heading has the focus', async () => (await focused(page)) === 'Apariencia')
    await page.reload()
    await opened(page)
    assert.equal(await hash(page), '#/settings/appearance')
  })
})

test('no key of the list acts on what is out of sight', async () => {
  await office({}, async (page, fixture) => {
    await keys(page, 'j')
    await keys(page, 'Control+,')
    await opened(page)
    await until(page, 'the heading has the focus', async () => (await focused(page)) !== '')
    await keys(page, 'e', 'm', 'x', 'Enter')
    await keys(page, 'g', 'a')
    await row(page, 't_000001').waitFor()
    assert.deepEqual(
      fixture.asked.filter((each) => each.startsWith('POST /api/changes')),
      [],
    )
  })
})

test('language and theme are painted at once, and kept', async () => {
  await office({}, async (page, fixture) => {
    await at(page, '#/settings/appearance')
    await opened(page)
    await page.getByLabel('Oscuro', { exact: true }).check()
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark')
    await page.getByLabel('English').check()
    await page.getByRole('heading', { name: 'Appearance' }).waitFor()
    await until(page, 'they are kept', () => fixture.state.theme === 'dark' && fixture.state.language === 'en')
  })
})

test('a density is kept, and the rows in sight stay in sight', async () => {
  await office({ threads: 300 }, async (page, fixture) => {
    await at(page, '#/all')
    const list = page.locator('[role=listbox]')
    const first = () =>
      list.evaluate((box) => {
        const { top } = box.getBoundingClientRect()
        const rows = [...box.querySelectorAll('[role=option]')].map((each) => [each, each.getBoundingClientRect()])
        const seen = rows.filter(([, at]) => at.bottom > top + 1).sort(([, a], [, b]) => a.top - b.top)
        const apart = seen.slice(1, 5).map(([, at], i) => at.top - seen[i][1].top)
        return { thread: seen[0][0].dataset.thread, tall: seen.map(([, at]) => at.height), apart }
      })
    for (const down of [4000, 9000, 18_000]) {
      await until(page, `the rows at ${down}`, () =>
        list.evaluate((box, down) => {
          box.scrollTo(0, down)
          const place = Math.floor(down / 84) + 1
          return box.scrollTop === down && box.querySelector(`[aria-posinset="${place}"]`) !== null
        }, down),
      )
    }
    const before = await first()
    assert.equal(before.tall[0], 84)
    await keys(page, 'Control+k')
    await page.keyboard.type('compacta')
    await page.getByRole('option', { name: 'Compacta' }).click()
    await until(page, 'the rows are lower', async () => (await first()).tall.every((tall) => tall === 66))
    // The list comes back to its place once it has measured them.
    await comes(page, 'the same is in sight', async () => (await first()).thread, before.thread)
    await comes(page, 'they touch', async () => (await first()).apart, [66, 66, 66, 66])
    await until(page, 'it is kept', () => fixture.state.density === 'compact')
    await at(page, '#/settings/appearance')
    await page.getByLabel('Cómoda').check()
    await page.goBack()
    await until(page, 'the rows are high again', async () => (await first()).tall.every((tall) => tall === 84))
    await comes(page, 'the same is in sight', async () => (await first()).thread, before.thread)
  })
})

const field = (page, name) => page.getByRole('textbox', { name, exact: true })
const button = (page, name) => page.getByRole('button', { name, exact: true })
const alert = (page, text) => page.locator('[role=alert]', { hasText: text }).waitFor()
const asked = (fixture, method) => fixture.asked.filter((each) => each.startsWith(`${method} /api/accounts/`))

test('the accounts are listed with how they stand, and each has a page with an address', async () => {
  await office({ scenario: 'refused' }, async (page) => {
    await keys(page, 'Control+,')
    await opened(page)
    const rows = page.locator('.settings .section li a')
    assert.match(await rows.first().innerText(), /ventas[\s\S]*Clave rechazada[\s\S]*1\.240 conversaciones/)
    await rows.first().click()
    await until(page, 'the account is the heading', async () => (await focused(page)) === 'ventas')
    assert.equal(await hash(page), '#/settings/accounts/ventas')
    await page.getByRole('heading', { name: 'Clave nueva' }).waitFor()
    await keys(page, 'Escape')
    await rows.first().waitFor()
    await keys(page, 'Escape')
    await page.waitForSelector('[role=option]')
    await page.locator('.side .whole', { hasText: 'soporte' }).locator('.tool').last().click()
    await until(page, 'the sidebar leads there, too', async () => (await hash(page)) === '#/settings/accounts/soporte')
    await at(page, '#/settings/accounts/nobody')
    await page.getByText('Esta cuenta ya no está').waitFor()
  })
})

test('only what was changed is sent, and what makes no sense is said at its field', async () => {
  await office({}, async (page, fixture) => {
    await at(page, '#/settings/accounts/ventas')
    await opened(page)
    assert.equal(await button(page, 'Guardar').isDisabled(), true)
    await field(page, 'Pedidos por segundo').fill('cuatro')
    await button(page, 'Guardar').click()
    await alert(page, 'mayor que 0')
    await comes(
      page,
      'the field is marked',
      () => field(page, 'Pedidos por segundo').getAttribute('aria-invalid'),
      'true',
    )
    await field(page, 'Pedidos por segundo').fill('2,5')
    await field(page, 'Dirección de la API').fill('https://other.example')
    await button(page, 'Guardar').click()
    await alert(page, 'otra oficina')
    await comes(
      page,
      'the field is marked',
      () => field(page, 'Dirección de la API').getAttribute('aria-invalid'),
      'true',
    )
    await field(page, 'Dirección de la API').fill('https://api.waspy.example')
    await page.getByLabel('País').selectOption('MX')
    await comes(page, 'its zone', () => page.getByLabel('Zona horaria').inputValue(), 'America/Mexico_City')
    await field(page, 'Pedidos por segundo').press('Enter')
    await page.getByText('Guardado.').waitFor()
    const { region, area, zone, rate } = fixture.office.connected.named('ventas')
    assert.deepEqual({ region, area, zone, rate }, { region: 'MX', area: '', zone: 'America/Mexico_City', rate: 2.5 })
    await comes(page, 'there is nothing to keep', () => button(page, 'Guardar').isDisabled(), true)
    assert.equal(asked(fixture, 'PATCH').length, 3)
  })
})

test('what is being filled in outlives Escape and what the server tells', async () => {
  await office({}, async (page, fixture) => {
    await at(page, '#/settings/accounts/ventas')
    await field(page, 'Código de área').fill('221')
    await tell(page, fixture, 'state')
    await until(
      page,
      'the state is asked for',
      () => fixture.asked.filter((each) => each === 'GET /api/state').length > 1,
    )
    await page.waitForTimeout(300)
    await keys(page, 'Escape')
    assert.equal(await hash(page), '#/settings/accounts/ventas')
    assert.equal(await field(page, 'Código de área').inputValue(), '221')
  })
})

test('what is said of an account comes and goes, and no button moves for it', async () => {
  await office({ scenario: 'failing' }, async (page, fixture) => {
    const ventas = fixture.office.accounts[0]
    ventas.reading = { done: 310, total: 1240 }
    await at(page, '#/settings/accounts/ventas')
    const said = page.locator('.settings [role=status]').getByText('Waspy contesta con errores')
    await said.waitFor()
    await tell(page, fixture, 'state')
    const bar = page.locator('.settings progress')
    await bar.waitFor()
    const save = button(page, 'Guardar')
    const top = async () => (await save.boundingBox()).y
    const before = await top()
    Object.assign(ventas, { state: 'up_to_date', error: null, error_kind: '', retry_at: null, reading: null })
    await tell(page, fixture, 'state')
    await said.waitFor({ state: 'detached' })
    await comes(page, 'no bar is left', () => bar.count(), 0)
    assert.equal(await top(), before)
  })
})

test('a key is tried before it is kept, and is in no field and no address afterwards', async () => {
  await office({ scenario: 'refused' }, async (page, fixture) => {
    await at(page, '#/settings/accounts/ventas')
    const key = page.locator('.settings input[type=password]')
    const headings = () => page.locator('.settings h3').allInnerTexts()
    await comes(page, 'what one comes for', async () => (await headings())[0], 'Clave nueva')
    const give = async (value) => {
      await key.fill(value)
      await button(page, 'Probar y guardar').click()
    }
    await give('wrong')
    await alert(page, 'rechazó la clave')
    await comes(page, 'the field is empty', () => key.inputValue(), '')
    await give('other')
    await alert(page, 'otra oficina')
    await comes(page, 'the field is empty', () => key.inputValue(), '')
    await give('offline')
    await alert(page, 'No hay conexión')
    assert.equal(await key.inputValue(), 'offline')
    await give('canary-of-a-key')
    await page.getByText('ya reemplazó a la de antes').waitFor()
    await page.getByText('María García').first().waitFor()
    await page.locator('.settings .state', { hasText: 'Poniéndose al día' }).waitFor()
    await comes(page, 'the field is empty', () => key.inputValue(), '')
    assert.equal((await headings())[0], 'Clave nueva')
    const everything = await page.evaluate(
      () => document.documentElement.outerHTML + location.href + JSON.stringify({ ...localStorage, ...sessionStorage }),
    )
    assert.doesNotMatch(everything, /canary/)
    assert.doesNotMatch(fixture.asked.join(' '), /canary/)
  })
})

test('before an account is removed it is said what would be lost', async () => {
  await office({ scenario: 'conflict' }, async (page, fixture) => {
    await at(page, '#/settings/accounts/ventas')
    const remove = button(page, 'Quitar la cuenta…')
    const question = page.locator('dialog[open]')
    await remove.click()
    await question.getByText('3 cambios todavía no se enviaron').waitFor()
    assert.match(await question.innerText(), /1\.240 conversaciones/)
    assert.equal(await question.locator('.waiting li').count(), 3)
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Cancelar')
    await keys(page, 'Escape')
    await question.waitFor({ state: 'detached' })
    assert.deepEqual(asked(fixture, 'DELETE'), [])
    assert.equal(await hash(page), '#/settings/accounts/ventas')

    await remove.click()
    await question.getByText('3 cambios todavía no se enviaron').waitFor()
    // One more change is made elsewhere while the question stands there.
    fixture.office.outbox.put('t_000002', 'status', { base: ['open'], want: ['resolved'] }, 'queued')
    await question.getByRole('button', { name: 'Quitar', exact: true }).click()
    await alert(page, 'No se quitó nada')
    await remove.click()
    await question.getByText('4 cambios todavía no se enviaron').waitFor()
    await question.getByRole('button', { name: 'Quitar', exact: true }).click()
    await page.getByText('ventas se quitó').waitFor()
    await comes(page, 'the address', () => hash(page), '#/settings/accounts')
    await comes(page, 'those that are left', () => page.locator('.settings .section li a').count(), 1)
    assert.deepEqual(
      asked(fixture, 'DELETE').map((each) => each.replace(/.*\?/, '')),
      ['waiting=3', 'waiting=4'],
    )
  })
})

const human = (page, ref) => page.locator('[data-human]', { hasText: ref })
const patched = (fixture) => fixture.asked.filter((each) => each === 'PATCH /api/agents').length

test('a name is in the list, the menu and the thread as soon as it is given, and two of one name are one', async () => {
  await office({}, async (page, fixture) => {
    await at(page, '#/all')
    const assignee = row(page, 't_000003').locator('.assignee')
    await comes(page, 'who has it', () => assignee.innerText(), 'Ana')
    await at(page, '#/settings/people')
    const ana = human(page, '0d9f6c1e')
    await ana.getByRole('combobox').fill('Ana María')
    await ana.getByRole('combobox').press('Enter')
    await until(page, 'it is kept', () => fixture.office.outbox.agents.ventas.some(({ name }) => name === 'Ana María'))
    await at(page, '#/all')
    await until(page, 'the list has it', async () => (await assignee.innerText()) === 'Ana María')
    await at(page, '#/all/t_000003')
    await page.locator('[data-menu=assign]', { hasText: 'Ana María' }).waitFor()

    await page.click('[data-menu=assign]')
    await page.click('.foot .names')
    await human(page, 'ana@tienda.example').getByRole('combobox').fill('Ana María')
    await keys(page, 'Tab')
    await until(page, 'they are one', async () => (await human(page, '0d9f6c1e').locator('.ref').count()) === 2)
    await page.getByRole('button', { name: 'ana@tienda.example no es Ana María' }).click()
    await until(page, 'they are two', async () => (await human(page, '0d9f6c1e').locator('.ref').count()) === 1)
  })
})

test('nobody moves while names are written, and it is said who one is', async () => {
  await office({}, async (page, fixture) => {
    await at(page, '#/settings/people')
    const order = () => page.locator('[data-human]').evaluateAll((all) => all.map((each) => each.dataset.human))
    await until(page, 'all are there', async () => (await order()).length === 6)
    const before = await order()
    await human(page, 'e3b0c442').getByRole('combobox').fill('Aaron')
    await keys(page, 'Tab')
    await until(page, 'it is kept', () => patched(fixture) === 1)
    assert.deepEqual(await order(), before)
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('type')), 'checkbox')
    await keys(page, 'Space')
    await until(page, 'who one is is kept', () =>
      fixture.office.outbox.agents.ventas.some(({ name, me }) => me && name === 'Aaron'),
    )
    await comes(page, 'that is shown', () => human(page, 'e3b0c442').getByRole('checkbox').isChecked(), true)
  })
})

test('of a thousand agents some are drawn, and the filter finds each', async () => {
  await office({ scenario: 'crowd' }, async (page) => {
    await at(page, '#/settings/people')
    const all = page.locator('[data-human]')
    await until(page, 'some are drawn', async () => (await all.count()) === 60)
    await page.getByRole('button', { name: /^Mostrar los otros/ }).click()
    await until(page, 'more are drawn', async () => (await all.count()) === 120)
    await page.getByRole('searchbox').fill('ultima')
    await until(page, 'one is left', async () => (await all.count()) === 1)
    assert.match(await all.innerText(), /agente\.999@/)
    await page.getByRole('searchbox').fill('zzz')
    await page.getByText('Nadie coincide').waitFor()
  })
})

test('a name that could not be kept is taken back, and that is said', async () => {
  await office({}, async (page, fixture) => {
    await at(page, '#/settings/people')
    // Only what is to be kept has a body.
    fixture.refuse = (url, { ref }) => (url.pathname === '/api/agents' && ref ? [500, 'unexpected', 'No.'] : undefined)
    const name = human(page, '0d9f6c1e').getByRole('combobox')
    await name.fill('Eva')
    await name.press('Enter')
    await alert(page, 'No se pudo guardar')
    await comes(page, 'it is as before', () => name.inputValue(), 'Ana')
  })
})

test('it is said where the copy lies and how big it is, and everything can be copied again', async () => {
  await office({}, async (page, fixture) => {
    await at(page, '#/settings/data')
    await page.getByText('/home/ana/.local/share/bandeja').waitFor()
    assert.match(await page.locator('.settings dl').innerText(), /1,4\sGB[\s\S]*4,3\sMB/)
    assert.match(
      await page.locator('.settings section li').first().innerText(),
      /1\.240 conversaciones · 88\.123 mensajes · 3 con copia parcial/,
    )
    const again = button(page, 'Copiar todo de nuevo de soporte')
    await again.click()
    await button(page, 'Cancelar').click()
    const full = () => fixture.asked.filter((each) => each === 'POST /api/sync').length
    assert.equal(full(), 0)
    fixture.refuse = (url) => (url.pathname === '/api/sync' ? [500, 'unexpected', 'Algo salió mal.'] : undefined)
    await again.click()
    await button(page, 'Copiar de nuevo').click()
    await alert(page, 'Algo salió mal')
    fixture.refuse = undefined
    await again.click()
    await button(page, 'Copiar de nuevo').click()
    await page.getByText('En marcha: se vuelve a copiar todo de soporte.').waitFor()
    assert.equal(full(), 2)
  })
})
