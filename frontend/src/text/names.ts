/** How many tints the avatars have: `tint-0` … in app.css. */
export const tints = 6

/**
 * One or two letters for an avatar: the first of the first and of the last
 * word of a name. Empty where the name has no letter, as when there is only a
 * phone: the avatar then shows a figure instead of a guess.
 */
export function initials(name: string): string {
  const letters = name
    .normalize('NFC')
    .split(/\s+/u)
    .map((part) => /\p{L}\p{M}*/u.exec(part)?.[0] ?? '')
    .filter(Boolean)
  const [first = ''] = letters
  const last = letters.length > 1 ? (letters.at(-1) ?? '') : ''
  return (first + last).toLocaleUpperCase()
}

/** A person's tint: the same on every screen and after every start. */
export function tintOf(person: string): number {
  let sum = 0
  for (const unit of person) sum = (sum * 31 + (unit.codePointAt(0) ?? 0)) >>> 0
  return sum % tints
}

/**
 * What to call an agent whose ref is all that is known: the part of an e-mail
 * before the at sign. Null for a ref that says nothing to a person (a UUID).
 */
export function agentName(ref: string): string | null {
  const at = ref.indexOf('@')
  if (at > 0) return ref.slice(0, at)
  return /^[0-9a-f-]{20,}$/i.test(ref) || ref === '' ? null : ref
}
