import { expect, test } from 'vitest'
import { InTurn } from './inturn'

test('the later one is asked when the one before has ended, well or not', async () => {
  const turns = new InTurn()
  const said: string[] = []
  let fail: (err: Error) => void = () => undefined
  const first = turns.ask(() => {
    said.push('first')
    return new Promise((_, reject) => (fail = reject))
  })
  const second = turns.ask(() => Promise.resolve(said.push('second')))
  await Promise.resolve()
  expect(said).toEqual(['first'])
  fail(new Error('no'))
  await expect(first).rejects.toThrow('no')
  expect(await second).toBe(2)
  expect(said).toEqual(['first', 'second'])
})
