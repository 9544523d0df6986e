/** How often it is asked how far something is, in milliseconds. */
export const every = 400

/**
 * Asks how far something is, until that is ended by what is returned. An answer that does not come
 * is not missed: whoever waits for the thing itself hears how it ended.
 */
export function follow<T>(ask: () => Promise<T>, told: (now: T) => void): () => void {
  let over = false
  const look = async (): Promise<void> => {
    const now = await ask().catch(() => undefined)
    if (over) return
    if (now !== undefined) told(now)
    timer = setTimeout(look, every)
  }
  let timer = setTimeout(look, every)
  return () => {
    over = true
    clearTimeout(timer)
  }
}
