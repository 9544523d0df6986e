import { expect, test } from 'vitest'
import { matching, type BoxCommand } from './commands'

const command = (label: string): BoxCommand => ({ id: label, kind: '', label, keys: '', first: false, run: () => {} })
const commands = [
  'Bandeja de entrada',
  'Sin asignar',
  'Ventana por vencer',
  'Conectar una cuenta',
  'VIP sin responder',
].map(command)

test.each([
  ['band', ['Bandeja de entrada']],
  ['entr band', ['Bandeja de entrada']],
  ['sin', ['Sin asignar', 'VIP sin responder']],
  ['vip', ['VIP sin responder']],
  ['VÉNCER', ['Ventana por vencer']],
  ['asignada', []],
  ['de de', []],
  ['s', []],
  ['', []],
  ['?¿', []],
])('%s matches %j', (query, want) => {
  expect(matching(commands, query).map((each) => each.label)).toEqual(want)
})

test('not more than asked for', () => {
  expect(matching(commands, 'ven', 1)).toHaveLength(1)
})
