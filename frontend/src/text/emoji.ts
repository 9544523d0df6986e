// What a message is made of, where that is emoji alone.

// With what joins and shades them, and the keycap and flags that they are written with.
const pictures =
  /^(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|\u200d|\ufe0f|\u20e3|[\u{e0020}-\u{e007f}])+$/u
const most = 3

let letters: Intl.Segmenter | undefined

/** Reports whether a text is one to three emoji and nothing else: then it is drawn large. */
export function onlyEmoji(text: string): boolean {
  const together = text.replace(/\s/gu, '')
  if (together === '' || together.length > 60 || !pictures.test(together)) return false
  letters ??= new Intl.Segmenter('en', { granularity: 'grapheme' })
  return [...letters.segment(together)].length <= most
}
