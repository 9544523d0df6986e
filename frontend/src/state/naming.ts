/** A name that nothing else has, for an asking: asked again by it nothing is done twice. */
export function madeUp(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
