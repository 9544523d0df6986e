import { expect, test } from 'vitest'
import { onlyEmoji } from './emoji'

test.each(['🙌', '👍🏽', '👨‍👩‍👧', '🇦🇷', '😅 🙏🏽 👨‍👩‍👧', '❤️', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', ' 👏👏\n'])('%s alone', (text) => {
  expect(onlyEmoji(text)).toBe(true)
})

test.each(['', ' ', 'hola', '👍 dale', '1', '#', '4410', '👏👏👏👏', '…', 'ñ', '👍'.repeat(5000)])('not %s', (text) => {
  expect(onlyEmoji(text)).toBe(false)
})
