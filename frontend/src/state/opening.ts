import type { Api } from '../api/api'
import { enter, launchCode } from '../api/session'
import { parsePlace } from './place'

/** How many rows of a list are asked for at once. */
export const rowsAtOnce = 50

/**
 * Enters with the launch code if there is one, and asks for what the screen
 * shows first: while the screen's own code is still on its way.
 */
export async function open(api: Api): Promise<void> {
  await enter(api).catch(() => undefined)
  const { view, account, filter, sort } = parsePlace(location.hash)
  api.foresee({ view, account, q: filter, sort, cursor: null, limit: rowsAtOnce })
}

/** What there is before the screen: all of its parts ask the server by it. */
export class Entrance {
  /** @param opened is over when the page has entered. */
  constructor(
    readonly api: Api,
    protected opened: Promise<void>,
  ) {}

  /** Enters anew where the address has a launch code again; false where it has none. */
  protected relaunched(): boolean {
    if (launchCode(location.hash) === null) return false
    this.opened = open(this.api)
    return true
  }
}
