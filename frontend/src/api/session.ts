import type { Api } from './api'

/** Reads the launch code of `#k=CODE`, or null where the address has none. */
export function launchCode(hash: string): string | null {
  const found = /^#k=(.+)$/.exec(hash)
  return found ? decodeURIComponent(found[1] as string) : null
}

/**
 * Swaps the launch code in the address, if there is one, for a session and
 * takes it out of the address whatever the answer: a code is good for once,
 * and must not stay in the history.
 */
export async function enter(api: Api, address: Location = location, past: History = history): Promise<void> {
  const code = launchCode(address.hash)
  if (code === null) return
  past.replaceState(null, '', address.pathname)
  await api.session(code)
}
