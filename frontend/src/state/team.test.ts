import { expect, test } from 'vitest'
import type { Agent } from '../api/types'
import { Team } from './team.svelte'

const accounts = [
  { name: 'ventas', provider: 'waspy' as const },
  { name: 'soporte', provider: 'platica' as const },
]
const agent = (ref: string, name = '', me = false): Agent => ({ ref, name, me })

/** A team over agents that a test changes as the server would. */
function teamOf(known: Record<string, Agent[]>, keeps = true) {
  const asked: [string, string, object][] = []
  const agents = {
    of: (account: string) => known[account] ?? [],
    knows: (account: string) => account in known,
    save: (account: string, ref: string, change: object) => {
      asked.push([account, ref, change])
      return Promise.resolve(keeps)
    },
  }
  return { team: new Team(agents, () => accounts), asked, known }
}

const said = (team: Team) => team.found.map(({ name, me, refs }) => [name, me, refs.map(({ ref }) => ref).join(' ')])

test('refs of one name are one human over accounts, oneself first and the unnamed last', () => {
  const { team } = teamOf({
    ventas: [agent('u-9'), agent('u-2', 'Luis'), agent('u-1', 'Ana', true)],
    soporte: [agent('ana@x', 'Ana', true), agent('sofia@x')],
  })
  expect(said(team)).toEqual([
    ['Ana', true, 'u-1 ana@x'],
    ['Luis', false, 'u-2'],
    ['', false, 'sofia@x'],
    ['', false, 'u-9'],
  ])
  expect(team.names).toEqual(['Ana', 'Luis'])
})

test('oneself without a name is one human, too', () => {
  const { team } = teamOf({ ventas: [agent('u-1', '', true)], soporte: [agent('ana@x', '', true)] })
  expect(said(team)).toEqual([['', true, 'ana@x u-1']])
})

test('the filter finds names, refs and accounts without accents, all words of it', () => {
  const { team } = teamOf({ ventas: [agent('u-1', 'Sofía Ñandú')], soporte: [agent('luis@x', 'Luis')] })
  const found = (filter: string) => ((team.filter = filter), team.found.map(({ name }) => name))
  expect(found('sofia nandu')).toEqual(['Sofía Ñandú'])
  expect(found('luis@')).toEqual(['Luis'])
  expect(found('ventas u-1')).toEqual(['Sofía Ñandú'])
  expect(found('ventas luis')).toEqual([])
  expect(found('  ')).toHaveLength(2)
})

test('a name is given to every ref of a human, and nothing is asked where it is the same', async () => {
  const { team, asked } = teamOf({ ventas: [agent('u-1', 'Ana')], soporte: [agent('ana@x', 'Ana')] })
  const [ana] = team.all
  if (!ana) throw new Error('nobody')
  await team.rename(ana, 'Ana')
  expect(asked).toEqual([])
  await team.rename(ana, 'Ana María')
  await team.mine(ana, true)
  const [, second] = ana.refs
  if (second) await team.part(ana, second)
  expect(asked).toEqual([
    ['ventas', 'u-1', { name: 'Ana María' }],
    ['soporte', 'ana@x', { name: 'Ana María' }],
    ['ventas', 'u-1', { me: true }],
    ['soporte', 'ana@x', { name: '' }],
  ])
})

test('who could not be kept is known', async () => {
  const { team, asked } = teamOf({ ventas: [agent('u-1', 'Ana')], soporte: [agent('ana@x', 'Ana')] }, false)
  const [ana] = team.all
  if (ana) await team.rename(ana, 'Eva')
  expect(team.failed).toBe('ventas/u-1')
  expect(asked).toHaveLength(1)
})
