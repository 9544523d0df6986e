import { expect, test } from 'vitest'
import { sizeWords } from './sizes'

test.each([
  [0, '0 bytes'],
  [999, '999 bytes'],
  [1000, '1.0 kB'],
  [4096, '4.1 kB'],
  [312_400_000, '312 MB'],
  [1_440_000_000, '1.4 GB'],
  [25_000_000_000_000_000, '25,000 TB'],
])('%i bytes are %s', (bytes, want) => {
  expect(sizeWords(bytes, 'en')).toBe(want)
})

test('a size is written as the language does', () => {
  expect(sizeWords(1_440_000_000, 'es-AR').replace(/\s/u, ' ')).toBe('1,4 GB')
})
