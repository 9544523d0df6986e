// Where the list was scrolled to as its page went: for the reload alone, so it
// is the tab's own and ends with it.
const name = 'bandeja.list'
// To stand further down, all that is above would be read first.
const mostRows = 1000

/** Keeps where the list stands, by its key and in rows, as the page goes; the returned func ends that. */
export function keeping(where: () => [key: string, offset: number]): () => void {
  const leave = () => {
    const [key, offset] = where()
    try {
      sessionStorage.setItem(name, JSON.stringify({ key, offset }))
    } catch {
      // Without a store of the tab's own a reload begins at the top.
    }
  }
  window.addEventListener('pagehide', leave)
  return () => window.removeEventListener('pagehide', leave)
}

/** Where a list stood as the page went: once, for the one that was shown. */
export function takeOffset(key: string): number {
  try {
    const kept = JSON.parse(sessionStorage.getItem(name) ?? '{}') as { key?: unknown; offset?: unknown }
    sessionStorage.removeItem(name)
    const offset = kept.key === key && typeof kept.offset === 'number' ? kept.offset : 0
    return offset > 0 && offset <= mostRows ? offset : 0
  } catch {
    return 0
  }
}
