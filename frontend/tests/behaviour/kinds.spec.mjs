// Every kind of message says what it is, what it carries, and where it stands.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { violations } from '../axe.mjs'
import { sayEach } from '../fixture/kinds.mjs'
import { at, offices, open, still, until } from './office.mjs'

const inOffice = offices({ threads: 20 })
const thread = 't_000003'

const names = {
  'es-AR': {
    image: 'Imagen · está en Waspy',
    audio: 'Mensaje de voz · está en Waspy',
    video: 'Video · está en Waspy',
    document: 'Documento · está en Waspy',
    sticker: 'Sticker · está en Waspy',
    location: 'Ubicación',
    contact: 'Contacto',
    template: 'Plantilla',
    interactive: 'Mensaje con opciones',
    reaction: 'Reacción',
    email: 'Correo',
    unknown: 'Mensaje de otro tipo',
    in: 'Cliente: ',
    out: 'Equipo: ',
    whoever: 'No se sabe quién escribió',
    empty: 'Mensaje sin texto',
    untimed: 'sin hora',
    failed: 'No se pudo enviar',
  },
  en: {
    image: 'Image · it is in Waspy',
    audio: 'Voice message · it is in Waspy',
    video: 'Video · it is in Waspy',
    document: 'Document · it is in Waspy',
    sticker: 'Sticker · it is in Waspy',
    location: 'Location',
    contact: 'Contact',
    template: 'Template',
    interactive: 'Message with options',
    reaction: 'Reaction',
    email: 'E-mail',
    unknown: 'Message of another kind',
    in: 'Customer: ',
    out: 'Team: ',
    whoever: 'Not known who wrote it',
    empty: 'Message without text',
    untimed: 'no time',
    failed: 'Could not be sent',
  },
}

/** What a message says, wherever in the thread it is. */
async function said(page, { message }) {
  await at(page, `#/all/${thread}?m=${message}`)
  const bubble = page.locator(`[data-message="${message}"]`)
  await bubble.waitFor()
  return bubble.textContent()
}

for (const [lang, of] of Object.entries(names))
  test(`each kind is shown with its name, its text and who wrote it, ${lang}`, () =>
    inOffice({ lang }, async (page, { office }) => {
      const all = sayEach(office, thread)
      await open(page, thread)
      const kinds = new Set()
      for (const message of all) {
        kinds.add(message.kind)
        const text = (await said(page, message)).replaceAll(/\s+/g, ' ')
        const what = `${message.message} ${message.kind}: ${text.slice(0, 90)}`
        for (const line of message.text.split('\n')) assert.ok(text.includes(line.trim()), what)
        if (message.kind !== 'text') assert.ok(text.includes(of[message.kind]), what)
        else if (message.text === '') assert.ok(text.includes(of.empty), what)
        if (message.kind === 'unknown') assert.ok(text.includes(message.kind_word), what)
        assert.ok(
          text.trimStart().startsWith(message.direction === 'unknown' ? of.whoever : of[message.direction]),
          what,
        )
        assert.ok(message.at ? /\d\d:\d\d/.test(text) : text.includes(of.untimed), what)
        if (message.status === 'failed') assert.ok(text.includes(of.failed), what)
        if (message.reason) assert.ok(text.includes(`${of.failed}: `) && text.includes(message.reason), what)
      }
      assert.equal(kinds.size, 13)
    }))

test('every state of delivery is said, and a word that is not known is shown as it is', () =>
  inOffice({}, async (page, { office }) => {
    const all = sayEach(office, thread)
    await open(page, thread)
    const words = {
      queued: 'En camino',
      sent: 'Enviado',
      delivered: 'Entregado',
      read: 'Leído',
      warehoused: 'warehoused',
    }
    for (const [status, word] of Object.entries(words)) {
      const message = all.find((each) => each.direction === 'out' && each.kind === 'text' && each.status === status)
      assert.ok((await said(page, message)).includes(word), status)
    }
  }))

test('emoji alone are large, what is long is whole, and what is written from the right turns nothing else', () =>
  inOffice({}, async (page, { office }) => {
    const all = sayEach(office, thread)
    await open(page, thread)
    const size = async (text) => {
      const message = all.find((each) => each.text === text)
      await said(page, message)
      return page
        .locator(`[data-message="${message.message}"] .said`)
        .evaluate((each) => parseFloat(getComputedStyle(each).fontSize))
    }
    assert.ok((await size('🙌')) >= 28)
    assert.ok((await size('😅🙏🏽👨‍👩‍👧')) >= 28)
    assert.ok((await size('Hola, ¿están?')) < 16)
    const long = all.find(({ text }) => text.length > 3000)
    assert.ok((await said(page, long)).includes(long.text))
    const turned = all.find(({ text }) => text.startsWith('مرحبا'))
    await said(page, turned)
    const bubble = page.locator(`[data-message="${turned.message}"]`)
    const [said_, time] = await Promise.all([
      bubble.locator('.rich').boundingBox(),
      bubble.locator('time').boundingBox(),
    ])
    assert.ok(time.x > said_.x, 'the time stays on its side')
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0)
  }))

test('axe finds nothing among them, in light and dark', () =>
  inOffice({ scenario: 'kinds' }, async (page) => {
    for (const colorScheme of ['light', 'dark'])
      for (const message of ['k2', 'k14', 'k25']) {
        await page.emulateMedia({ colorScheme })
        await at(page, `#/all/${thread}?m=${message}`)
        await until(page, message, () => page.locator(`[data-message="${message}"]`).isVisible())
        await still(page)
        assert.deepEqual(await violations(page), [])
      }
  }))
