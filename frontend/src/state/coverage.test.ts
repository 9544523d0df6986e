import { expect, test } from 'vitest'
import type { AccountCoverage, AccountState, Coverage } from '../api/types'
import { Words } from '../words/words.svelte'
import { coverageOf, coveredWords, lacking } from './coverage'

const zone = 'America/Argentina/Buenos_Aires'
const account = {
  name: 'ventas',
  provider: 'waspy',
  state: 'up_to_date',
  conversations: 1240,
  incomplete: 0,
  held: false,
  error_kind: '',
  listing: null,
  reading: null,
  zone,
} as unknown as AccountState
const whole: AccountCoverage = {
  account: 'ventas',
  state: 'up_to_date',
  complete: true,
  conversations: 1240,
  partial: 0,
  back_to: null,
}
const coverage = (of: Partial<AccountCoverage>): Coverage => ({
  conversations: 1240,
  complete: 1208,
  partial: 32,
  as_of: null,
  accounts: [{ ...whole, ...of }],
})
const english = new Words('en')
const spanish = new Words('es-AR')

test('what was searched is one sentence', () => {
  const now = Date.parse('2026-04-13T17:02:00Z')
  const said = coveredWords({ ...coverage({}), as_of: '2026-04-13T17:00:00Z' }, english, now, zone)
  expect(said).toBe('Searched 1,208 of 1,240 chats; 32 partly copied; as of 14:00')
})

test('of an account that is all here nothing is said', () => {
  expect(lacking({ ...coverage({}), accounts: [whole] }, [account], english)).toEqual([])
})

test.each<[Partial<AccountCoverage>, Partial<AccountState>, string, string]>([
  [
    { complete: false, back_to: '2024-03-10T12:00:00Z' },
    { state: 'first_copy', reading: { done: 310, total: 1240 } },
    'Waspy ventas: reading messages, 310 of 1,240 chats, back to March 2024',
    'Waspy ventas: leyendo mensajes, 310 de 1.240 chats, hasta marzo de 2024',
  ],
  [
    { complete: false },
    { state: 'first_copy', listing: { seen: 410, back_to: '2025-01-10T12:00:00Z' } },
    'Waspy ventas: listing: 410 chats, back to January 2025',
    'Waspy ventas: listando: 410 chats, hasta enero de 2025',
  ],
  [{ partial: 3 }, {}, 'Waspy ventas: 3 partly copied', 'Waspy ventas: 3 con copia parcial'],
  [
    { complete: false, partial: 3, state: 'offline' },
    { state: 'offline' },
    'Waspy ventas: No connection, 3 partly copied',
    'Waspy ventas: Sin conexión, 3 con copia parcial',
  ],
  [
    { complete: false },
    { state: 'first_copy', held: true },
    'Waspy ventas: Paused by you',
    'Waspy ventas: En pausa, a pedido tuyo',
  ],
  [{ complete: false }, { state: 'catching_up' }, 'Waspy ventas: Catching up', 'Waspy ventas: Poniéndose al día'],
])('%j of an account that is %j is said', (of, state, en, es) => {
  expect(lacking(coverage(of), [{ ...account, ...state }], english)).toEqual([en])
  expect(lacking(coverage(of), [{ ...account, ...state }], spanish)).toEqual([es])
})

test('an account that is not known is named all the same', () => {
  expect(lacking(coverage({ complete: false }), [], english)).toEqual(['ventas: partly copied'])
})

test('the accounts say themselves what is not here, for a list', () => {
  const copying = { ...account, name: 'soporte', state: 'first_copy' as const, reading: { done: 1, total: 9 } }
  const said = coverageOf([account, { ...account, name: 'turnos', incomplete: 4 }, copying])
  expect(said.accounts.map(({ complete }) => complete)).toEqual([true, false, false])
  expect(said.partial).toBe(4)
})
