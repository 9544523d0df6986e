// What a person sees and does, against the real program.

import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { violations } from '../axe.mjs'
import {
  active,
  ask,
  at,
  hash,
  heading,
  inbox,
  messages,
  nameOf,
  origin,
  rows,
  setting,
  small,
  stranger,
  tab,
  threadWithWord,
  type,
  until,
  url,
  wide,
} from './office.mjs'

describe('the session', () => {
  test('a page without one says that it needs a fresh link, and how to get it', async () => {
    const context = await stranger()
    const page = await context.newPage()
    await page.goto(origin)
    await page.getByText('Hace falta un enlace nuevo').waitFor()
    assert.match(await page.locator('main').innerText(), /bandeja serve/)
    await page.goto(url)
    await page.getByText('Hace falta un enlace nuevo').waitFor()
    await until(page, 'no used code stays in the address', async () => !(await hash(page)).includes('k='))
    await context.close()
  })
})

describe('the list', () => {
  test('shows the newest first, and as many as the count says', () =>
    inbox('#/all', wide, async (page) => {
      await rows(page)
      const { all } = await ask(page, '/api/counts')
      const shown = page.locator('nav [aria-current=page] .count')
      await until(page, 'the count is shown', async () => Number((await shown.innerText()).replace(/\D/g, '')) >= all)
      const times = await page.locator('[role=option] time').evaluateAll((all) => all.map((time) => time.dateTime))
      assert.deepEqual(times, [...times].sort().reverse())
    }))

  test('is read to its end while one scrolls, each thread once', () =>
    inbox('#/all', wide, async (page) => {
      await rows(page)
      const seen = new Set()
      const list = page.locator('[role=listbox]')
      const size = () => page.locator('[role=option]').first().getAttribute('aria-setsize').then(Number)
      await until(page, 'all threads were seen', async () => {
        const drawn = page.locator('[role=option]')
        for (const thread of await drawn.evaluateAll((all) => all.map((row) => row.dataset.thread))) seen.add(thread)
        // What moves up while one scrolls past it is seen from the top again.
        await list.evaluate((element) => {
          const left = element.scrollHeight - element.clientHeight - element.scrollTop
          if (left < 2) element.scrollTo(0, 0)
          else element.scrollBy(0, 600)
        })
        return seen.size >= (await size())
      })
      assert.ok((await page.locator('[role=option]').count()) < 40, 'only what is on screen is drawn')
    }))

  test('j, k and the arrows move, Enter opens, ] and [ go to the next and the one before, Escape goes back', () =>
    inbox('#/all', wide, async (page) => {
      await rows(page)
      await page.keyboard.press('j')
      const first = await active(page)
      await page.keyboard.press('j')
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('k')
      const second = await active(page)
      assert.notEqual(first, second)
      await page.keyboard.press('Enter')
      await messages(page)
      assert.equal(await hash(page), `#/all/${second}`)
      const name = await nameOf(page.locator('[aria-selected=true]'))
      await until(page, 'it is of whom the keys stood on', async () => (await heading(page)) === name)
      await page.keyboard.press(']')
      await until(page, 'the next person is open', async () => !(await hash(page)).includes(second))
      await page.keyboard.press('[')
      await until(page, 'the one before is open', async () => (await hash(page)).includes(second))
      for (let i = 0; i < 3; i++) await page.keyboard.press('Escape')
      await until(page, 'nothing is open', async () => !/t_/.test(await hash(page)))
    }))

  test('g and a letter go to a view', () =>
    inbox('', wide, async (page) => {
      await rows(page)
      for (const [key, to] of Object.entries({
        u: '#/unassigned',
        r: '#/needs-reply',
        e: '#/expiring',
        s: '#/spam',
        a: '#/all',
        i: '#/inbox',
      })) {
        await page.keyboard.press('g')
        await page.keyboard.press(key)
        await until(page, `g ${key} goes to ${to}`, async () => (await hash(page)) === to)
      }
    }))

  test('an account shows its own threads alone', () =>
    inbox('#/all', wide, async (page) => {
      await rows(page)
      const account = page.locator('.account').first()
      const name = await account.locator('.name').innerText()
      await account.click()
      await until(page, 'only its threads are listed', async () => {
        const { all } = await ask(page, `/api/counts?account=${name}`)
        const option = page.locator('[role=option]').first()
        return (
          (await hash(page)).includes(`account=${name}`) && Number(await option.getAttribute('aria-setsize')) === all
        )
      })
    }))
})

describe('a thread', () => {
  test('opens at its end, and Back, Forward and a reload come to the same place', () =>
    inbox('#/all', wide, async (page) => {
      await rows(page)
      await page.locator('[role=option]').nth(1).click()
      await messages(page)
      const name = await heading(page)
      const address = await hash(page)
      await until(page, 'the end is in sight', () =>
        page.locator('[role=log]').evaluate((log) => log.scrollHeight - log.clientHeight - log.scrollTop < 4),
      )
      await page.goBack()
      await page.waitForSelector('.thread:not(:has(h2 bdi))')
      await page.goForward()
      await messages(page)
      assert.equal(await heading(page), name)
      await page.reload()
      await messages(page)
      assert.equal(await hash(page), address)
      assert.equal(await heading(page), name)
    }))

  test('a longer one goes back to its beginning, and keeps its place while it grows', () =>
    inbox('#/all', wide, async (page) => {
      await rows(page)
      const { threads } = await ask(page, '/api/threads?view=all&limit=100')
      const sizes = await Promise.all(
        threads.map(async ({ thread }) => {
          const { conversations } = await ask(page, `/api/threads/${thread}`)
          return { thread, messages: conversations.reduce((sum, each) => sum + each.messages, 0) }
        }),
      )
      const [longest] = sizes.sort((a, b) => b.messages - a.messages)
      await at(page, `#/all/${longest.thread}`)
      await messages(page)
      const { messages: first } = await ask(page, `/api/threads/${longest.thread}/messages?limit=60`)
      const before = (await ask(page, `/api/threads/${longest.thread}/messages?limit=60`)).before
      const log = page.locator('[role=log]')
      await until(page, 'the oldest message is drawn', async () => {
        await log.evaluate((element) => element.scrollBy(0, -500))
        return (await log.evaluate((element) => element.scrollTop)) === 0
      })
      if (before === null) {
        await page.waitForSelector(`[data-message="${first[0].message}"]`)
      } else {
        assert.equal(
          await page.locator(`[data-message="${first.at(-1).message}"]`).count(),
          0,
          'only what is on screen is drawn',
        )
      }
      await page.getByRole('button', { name: 'Ir al final' }).click()
      await page.waitForSelector(`[data-message="${first.at(-1).message}"]`)
    }))

  test('says whose it is: names, phones and other threads', () =>
    inbox('#/all', wide, async (page) => {
      await rows(page)
      await page.locator('[role=option]').first().click()
      await messages(page)
      const panel = page.getByRole('complementary', { name: 'Persona' })
      await panel.getByText('Teléfonos').waitFor()
      assert.ok((await panel.getByRole('button').count()) > 0, 'its threads are listed')
    }))

  test('that is not there says so', () =>
    inbox('#/t/t_nobody', wide, async (page) => {
      await page.getByText('Esta conversación ya no está').waitFor()
    }))
})

describe('the search', () => {
  test('finds a person by a part of the name, marks it, and Enter opens; Back comes back to before', () =>
    inbox('#/all', wide, async (page) => {
      await rows(page)
      const { name } = await threadWithWord(page)
      const part = name
        .split(' ')
        .sort((a, b) => b.length - a.length)[0]
        .toLowerCase()
      await page.keyboard.press('Control+k')
      await type(page, part)
      assert.ok((await page.locator('dialog [role=option] mark').count()) > 0, 'nothing is marked')
      assert.match(await page.locator('dialog .coverage').innerText(), /Buscado en/)
      const found = await page.locator('dialog [role=option][aria-selected=true] bdi').first().innerText()
      await page.keyboard.press('Enter')
      await messages(page)
      assert.equal(await page.locator('dialog').count(), 0)
      await until(page, `${found} is open`, async () => {
        const panel = await page.locator('aside.panel').innerText()
        return panel.includes(found.trim()) || (await heading(page)) === found.trim()
      })
      await page.goBack()
      await until(page, 'nothing is open', async () => (await hash(page)) === '#/all')
    }))

  test('finds the words of a message, and opens it there', () =>
    inbox('#/all', wide, async (page) => {
      await rows(page)
      const { word } = await threadWithWord(page)
      await page.keyboard.press('/')
      await type(page, word)
      const group = page.locator('dialog [role=group]').filter({ hasText: 'Mensajes' })
      const hit = group.locator('[role=option]').first()
      await hit.waitFor()
      assert.match((await hit.locator('mark').first().innerText()).toLowerCase(), new RegExp(word.slice(0, 3), 'i'))
      await hit.click()
      await page.waitForSelector('.bubble.on')
      assert.match(await hash(page), /\?m=/)
    }))

  test('types j, k, / and g, closes with Escape, and says when there is nothing', () =>
    inbox('#/all', wide, async (page) => {
      await rows(page)
      await page.keyboard.press('/')
      await page.keyboard.type('jk/g i')
      assert.equal(await page.locator('dialog input').inputValue(), 'jk/g i')
      assert.equal(await page.locator('[data-active]').count(), 0)
      await page.locator('dialog input').fill('qqzzxxww')
      await page.locator('dialog strong').getByText('Nada con “qqzzxxww”.').waitFor()
      await page.keyboard.press('Escape')
      await page.waitForSelector('dialog', { state: 'detached' })
      await until(page, 'the address is as before', async () => (await hash(page)) === '#/all')
    }))
})

describe('a change', () => {
  const header = (page) => page.locator('[data-menu=status]')

  /** A thread of Waspy that is open, by its id. */
  async function openThread(page) {
    const { threads } = await ask(page, '/api/threads?view=inbox&limit=100')
    const found = threads.find((each) => each.provider === 'waspy' && each.status === 'open' && !each.pending)
    assert.ok(found, 'no thread is open')
    await at(page, `#/all/${found.thread}`)
    await messages(page)
    return found.thread
  }

  const statusOf = async (page, thread) => (await ask(page, `/api/threads/${thread}`)).thread

  test('e resolves at once and reaches the platform; the history says so, and z takes it back', () =>
    inbox('#/all', wide, async (page) => {
      await rows(page)
      const thread = await openThread(page)
      await page.keyboard.press('e')
      await header(page).getByText('Resuelta').waitFor()
      await until(page, 'the platform has it', async () => {
        const { status, pending } = await statusOf(page, thread)
        return status === 'resolved' && pending === null
      })
      await page.locator('[role=log] .change').getByText('Abierta → Resuelta').last().waitFor()
      await page.keyboard.press('z')
      await header(page).getByText('Abierta').waitFor()
      await until(page, 'it is taken back', async () => {
        const { status, pending } = await statusOf(page, thread)
        return status === 'open' && pending === null
      })
      assert.match(await header(page).innerText(), /Abierta/)
    }))

  test('of many is said before it is made, and one undo takes all back', () =>
    inbox('#/inbox', wide, async (page) => {
      await rows(page)
      for (const key of ['j', 'x', 'Shift+ArrowDown', 'Shift+ArrowDown']) await page.keyboard.press(key)
      const chosen = await page
        .locator('[role=option].chosen')
        .evaluateAll((all) => all.map((row) => row.dataset.thread))
      assert.equal(chosen.length, 3)
      const before = await Promise.all(chosen.map((thread) => statusOf(page, thread)))
      await page.locator('[data-bulk=status]').click()
      await page.getByRole('menuitemradio', { name: 'Resuelta' }).click()
      const yes = page.getByRole('dialog').getByRole('button', { name: /^Cambiar/ })
      await yes.waitFor()
      assert.equal((await statusOf(page, chosen[0])).status, before[0].status, 'nothing is changed before it is said')
      await yes.click()
      await until(page, 'all are resolved', async () => {
        const now = await Promise.all(chosen.map((thread) => statusOf(page, thread)))
        return now.every((each) => each.status === 'resolved' && each.pending === null)
      })
      await page.keyboard.press('z')
      await until(page, 'all are as before', async () => {
        const now = await Promise.all(chosen.map((thread) => statusOf(page, thread)))
        return now.every((each, i) => each.status === before[i].status && each.pending === null)
      })
    }))

  test('the tray shows what was done, and the page of an account its runs', () =>
    inbox('#/inbox', wide, async (page) => {
      await rows(page)
      await page.keyboard.press('g')
      await page.keyboard.press('t')
      const tray = page.getByRole('dialog', { name: 'Tus cambios' })
      await tray.locator('[data-entry]').first().waitFor()
      assert.deepEqual(await violations(page), [])
      await page.keyboard.press('Escape')
      await tray.waitFor({ state: 'detached' })
      await page
        .getByRole('button', { name: /^Ver la cuenta/ })
        .first()
        .click()
      await page.waitForSelector('.settings tbody tr')
      assert.deepEqual(await violations(page), [])
    }))
})

describe('the settings', () => {
  test('change language and theme at once, and are there after a reload', () =>
    inbox('', wide, async (page) => {
      await rows(page)
      await page.getByRole('button', { name: 'Ajustes' }).click()
      await page.getByText('Apariencia').click()
      await page.getByLabel('English').check()
      await page.getByLabel('Dark').check()
      await page.getByRole('navigation', { name: 'Views' }).waitFor()
      await until(page, 'they are kept', async () => {
        const { language, theme } = await ask(page, '/api/settings')
        return language === 'en' && theme === 'dark'
      })
      await page.reload()
      await page.getByRole('heading', { name: 'Appearance' }).waitFor()
      assert.equal(await page.evaluate(() => document.documentElement.lang), 'en')
      assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme), 'dark')
      await setting(page, { language: 'es-AR', theme: 'light' })
    }))

  test('the help lists the keys', () =>
    inbox('', wide, async (page) => {
      await rows(page)
      await page.keyboard.press('?')
      const help = page.getByRole('dialog', { name: 'Teclas' })
      await help.getByText('Esta ayuda').waitFor()
      await page.keyboard.press('Escape')
      await page.waitForSelector('dialog', { state: 'detached' })
    }))
})

describe('where it is narrow', () => {
  test('list and thread are two steps with Back, and the person is a sheet', () =>
    inbox('#/all', small, async (page) => {
      await rows(page)
      await page.locator('[role=option]').first().click()
      await messages(page)
      assert.equal(await page.locator('[role=listbox]').isVisible(), false)
      await page.getByRole('button', { name: 'Ver a la persona' }).click()
      await page.getByRole('dialog', { name: 'Persona' }).getByText('Teléfonos').waitFor()
      await page.keyboard.press('Escape')
      await page.waitForSelector('dialog', { state: 'detached' })
      await page.getByRole('button', { name: 'Volver' }).click()
      await page.waitForSelector('[role=listbox]', { state: 'visible' })
    }))
})

describe('two tabs', () => {
  test('share one stream of changes, and the second takes over when the first closes', async () => {
    const streams = []
    const follow = (page, name) =>
      page.on('request', (request) => new URL(request.url()).pathname === '/api/events' && streams.push(name))
    const first = await tab()
    follow(first, 'first')
    await first.goto(origin)
    await rows(first)
    await until(first, 'the first holds the stream', async () => streams.length === 1)
    const second = await tab()
    follow(second, 'second')
    await second.goto(origin)
    await rows(second)
    await second.waitForTimeout(300)
    assert.deepEqual(streams, ['first'])
    await first.close()
    await until(second, 'the second holds the stream', async () => streams.includes('second'))
    await second.close()
  })
})

describe('for everybody', () => {
  after(() => inbox('', wide, (page) => setting(page, { language: 'es-AR', theme: 'light' })))
  const places = {
    list: ['#/all', rows],
    search: ['#/all?find=ma', (page) => page.waitForSelector('dialog mark')],
    explained: ['#/all?find=estado:abirta%20pedido', (page) => page.waitForSelector('dialog .problem')],
    filtered: ['#/all?q=estado:abierta', (page) => page.waitForSelector('.filter .part:not(.word)')],
    connect: ['#/connect/platica', (page) => page.waitForSelector('form')],
  }
  for (const language of ['es-AR', 'es-MX', 'en']) {
    for (const theme of ['light', 'dark']) {
      for (const [name, size] of Object.entries({ wide, small })) {
        test(`axe finds nothing: ${language}, ${theme}, ${name}`, () =>
          inbox('#/all', size, async (page) => {
            await setting(page, { language, theme })
            await page.reload()
            await rows(page)
            for (const [hash, ready] of Object.values(places)) {
              await at(page, hash)
              await ready(page)
              assert.deepEqual(await violations(page), [], hash)
            }
            await at(page, '#/all')
            await page.locator('[role=option]').first().click()
            await messages(page)
            assert.deepEqual(await violations(page), [], 'a thread')
            assert.equal(await page.evaluate(() => document.documentElement.lang), language)
            assert.doesNotMatch(await page.locator('body').innerText(), /\{\w+\}/, 'a placeholder shows')
          }))
      }
    }
  }
})
