const turning = /[\u0590-\u08ff\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufeff]/u
const opens = /[\u2066-\u2068]/u
const ends = '\u2069'

/**
 * A text for the middle of a sentence: what in it turns the direction of
 * writing turns the text alone, and not the words that follow.
 */
export function apart(text: string): string {
  if (!turning.test(text)) return text
  let open = 0
  let kept = ''
  for (const each of text) {
    // One more end than beginnings would end ours.
    if (each === ends && open === 0) continue
    if (opens.test(each)) open++
    else if (each === ends) open--
    kept += each
  }
  return `\u2068${kept}${ends.repeat(open + 1)}`
}
