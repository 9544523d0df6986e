import { expect, test } from 'vitest'
import type { AccountState } from '../api/types'
import { Words } from '../words/words.svelte'
import { accountWords, statusWords } from './account'

const now = Date.parse('2026-04-13T17:30:00Z')
const base: AccountState = {
  name: 'ventas',
  provider: 'waspy',
  base_url: '',
  region: 'AR',
  area: '11',
  zone: 'America/Argentina/Buenos_Aires',
  rate: 4,
  key_store: 'keyring',
  can_write: null,
  state: 'up_to_date',
  conversations: 0,
  messages: 0,
  gone: 0,
  incomplete: 0,
  as_of: '2026-04-13T17:02:00.000Z',
  error: null,
  error_kind: '',
  retry_at: null,
  held: false,
  lookups: 0,
  rejected: 0,
  calls: { hour: 0, day: 0, retries: 0, limited: 0 },
  listing: null,
  reading: null,
}
const reading = { done: 310, total: 1240 }

test.each<[string, Partial<AccountState>, string[], string]>([
  ['up to date', {}, [], 'Al día a las 14:02'],
  ['up to date since yesterday', { as_of: '2026-04-12T17:02:00.000Z' }, [], 'Al día hasta: ayer, 14:02'],
  [
    'listing',
    { state: 'first_copy', as_of: null, listing: { seen: 1240, back_to: '2024-03-10T12:00:00.000Z' } },
    ['listando: 1.240 chats, hasta marzo de 2024'],
    'ventas: Primera copia en marcha',
  ],
  [
    'listing, nothing known yet',
    { state: 'first_copy', as_of: null, listing: { seen: 0, back_to: null } },
    ['listando: 0 chats'],
    'ventas: Primera copia en marcha',
  ],
  [
    'reading',
    { state: 'first_copy', as_of: null, reading },
    ['leyendo mensajes: 310 de 1.240'],
    'ventas: Primera copia en marcha',
  ],
  ['reading, otherwise up to date', { reading }, ['leyendo mensajes: 310 de 1.240'], 'Al día a las 14:02'],
  ['catching up', { state: 'catching_up' }, ['Poniéndose al día'], 'ventas: Poniéndose al día'],
  ['offline', { state: 'offline' }, ['Sin conexión', 'datos de las 14:02'], 'Sin conexión, datos de las 14:02'],
  ['offline, nothing copied', { state: 'offline', as_of: null }, ['Sin conexión'], 'ventas: Sin conexión'],
  [
    'refused',
    { state: 'paused' },
    ['Clave rechazada', 'Poné una clave nueva: Ajustes, Cuentas', 'datos de las 14:02'],
    'ventas: Clave rechazada',
  ],
  [
    'failing',
    { state: 'failing', error: 'Waspy contesta con errores.' },
    ['La plataforma no responde bien', 'Waspy contesta con errores.', 'datos de las 14:02'],
    'ventas: La plataforma no responde bien',
  ],
  [
    'failing, with a next try',
    { state: 'failing', retry_at: '2026-04-13T17:35:00.000Z' },
    ['La plataforma no responde bien', 'próximo intento a las 14:35', 'datos de las 14:02'],
    'ventas: La plataforma no responde bien',
  ],
  [
    'asked for a pause',
    { state: 'failing', error_kind: 'limited' },
    ['La plataforma pide una pausa', 'datos de las 14:02'],
    'ventas: La plataforma pide una pausa',
  ],
  [
    'paused by a person in its first copy',
    { state: 'first_copy', held: true, as_of: null, reading },
    ['En pausa, a pedido tuyo', 'leyendo mensajes: 310 de 1.240'],
    'ventas: En pausa, a pedido tuyo',
  ],
  [
    'paused by a person while up to date',
    { held: true },
    ['En pausa, a pedido tuyo', 'datos de las 14:02'],
    'ventas: En pausa, a pedido tuyo',
  ],
])('%s', (_, change, lines, status) => {
  const words = new Words('es-AR')
  const account = { ...base, ...change }
  expect(accountWords(account, words, now)).toEqual(lines)
  expect(statusWords(account, words, now)).toBe(status)
})
