import { expect, test } from 'vitest'
import { views } from '../api/types'
import { formatPlace, home, parsePlace, type Place } from './place'
import { sections } from './sections'

test.each<[string, Partial<Place>]>([
  ['', {}],
  ['#/', {}],
  ['#/nowhere/t_1', {}],
  ['#/inbox', {}],
  ['#/inbox/t_abc', { thread: 't_abc' }],
  ['#/needs-reply/t_abc', { view: 'needs_reply', thread: 't_abc' }],
  ['#/t/t_abc', { view: 'all', thread: 't_abc' }],
  ['#/all?account=ventas', { view: 'all', account: 'ventas' }],
  ['#/inbox/t_abc?m=wamid.1&panel', { thread: 't_abc', message: 'wamid.1', panel: true }],
  ['#/inbox?find', { query: '' }],
  ['#/inbox?find=mar%C3%ADa&in=t_abc', { query: 'maría', within: 't_abc' }],
  ['#/all?q=etiqueta%3Avip', { view: 'all', filter: 'etiqueta:vip' }],
  ['#/all/t_abc?together', { view: 'all', thread: 't_abc', together: true }],
  ['#/all/t_abc?day=2026-04-13', { view: 'all', thread: 't_abc', day: '2026-04-13' }],
  ['#/all/t_abc?day=13/4', { view: 'all', thread: 't_abc' }],
  [
    '#/all/t_abc?m=wamid.1&day=2026-04-13&together',
    { view: 'all', thread: 't_abc', message: 'wamid.1', together: true },
  ],
  ['#/connect/platica', { page: 'connect', provider: 'platica' }],
  ['#/connect/other', { page: 'connect', provider: 'waspy' }],
  ['#/settings/appearance', { page: 'settings', section: 'appearance' }],
  ['#/settings/accounts/a.b-c', { page: 'settings', section: 'accounts', detail: 'a.b-c' }],
  ['#/settings', { page: 'settings', section: sections[0] }],
  ['#/settings/other/x', { page: 'settings', section: sections[0] }],
  ['#/inbox/%E0%A4%A', {}],
])('%s is read', (hash, want) => {
  expect(parsePlace(hash)).toEqual({ ...home, ...want })
})

test('what is written is read back the same', () => {
  for (const view of views) {
    for (const query of [null, '', 'maría & 100 %?=#/']) {
      for (const thread of ['', 't_abc', 't/ñ?']) {
        for (const panel of [true, false]) {
          const filter = query ?? ''
          const place: Place = { ...home, view, thread, query, filter, panel, account: 'a.b-c', message: filter }
          expect(parsePlace(formatPlace(place))).toEqual(place)
        }
      }
    }
  }
})

test('a section of the settings is read back the same', () => {
  for (const section of sections) {
    for (const detail of ['', 'ventas', 'a/b?c']) {
      const place: Place = { ...home, page: 'settings', section, detail, query: 'ana' }
      expect(parsePlace(formatPlace(place))).toEqual(place)
    }
  }
})
