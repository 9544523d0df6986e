/** Whether a press is one that browsers reload by: F5, or R with the key for commands. */
export function reloads(press: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>): boolean {
  const { key, ctrlKey, metaKey, altKey, shiftKey } = press
  if (altKey || shiftKey) return false
  return ctrlKey || metaKey ? key.toLowerCase() === 'r' : key === 'F5'
}
