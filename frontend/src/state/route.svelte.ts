import { formatPlace, home, parsePlace, type Place } from './place'

const typingMs = 300

/** Who says at which message says at which day, too: at none. */
function moved(from: Place, change: Partial<Place>): Place {
  return { ...from, ...('message' in change && { day: '' }), ...change }
}

/** The address of the page, as state. */
export class Route {
  #place = $state.raw<Place>(home)
  #onMove: (place: Place, from: Place) => void
  // How many entries of the history are ours to go back over.
  #depth = 0
  #writing: ReturnType<typeof setTimeout> | undefined

  /** @param onMove is told of every move, with the place before it. */
  constructor(onMove: (place: Place, from: Place) => void) {
    this.#onMove = onMove
    this.#read()
  }

  get place(): Place {
    return this.#place
  }

  /** Listens to Back, Forward and edited addresses; the returned func ends it. */
  listen(): () => void {
    const moved = () => this.reread()
    window.addEventListener('popstate', moved)
    window.addEventListener('hashchange', moved)
    return () => {
      window.removeEventListener('popstate', moved)
      window.removeEventListener('hashchange', moved)
    }
  }

  /** Goes to a place: a new entry of the history. */
  go(change: Partial<Place>): void {
    this.#move(change, 'pushState')
  }

  /** Changes the place without a new entry: what Back should not stop at. */
  replace(change: Partial<Place>): void {
    this.#move(change, 'replaceState')
  }

  /**
   * Changes the place at once, and the address only when no more is typed:
   * browsers take a hundred changes of the address in half a minute, and no more.
   */
  type(change: Partial<Place>): void {
    const from = this.#place
    this.#place = moved(from, change)
    clearTimeout(this.#writing)
    this.#writing = setTimeout(() => this.#write(), typingMs)
    this.#onMove(this.#place, from)
  }

  /** Back to where we were before, or to `otherwise` when the page was opened right here. */
  back(otherwise: Partial<Place>): void {
    this.#write()
    if (this.#depth > 0) history.back()
    else this.replace(otherwise)
  }

  /** Writes what was typed into the address, where that waits. */
  #write(): void {
    if (this.#writing === undefined) return
    clearTimeout(this.#writing)
    this.#writing = undefined
    history.replaceState({ depth: this.#depth }, '', formatPlace(this.#place))
  }

  #move(change: Partial<Place>, how: 'pushState' | 'replaceState'): void {
    this.#write()
    const place = moved(this.#place, change)
    const hash = formatPlace(place)
    if (hash === formatPlace(this.#place)) how = 'replaceState'
    if (how === 'pushState') this.#depth++
    history[how]({ depth: this.#depth }, '', hash)
    const from = this.#place
    this.#place = place
    this.#onMove(place, from)
  }

  /** Reads the address again, as after Back. */
  reread(): void {
    clearTimeout(this.#writing)
    this.#writing = undefined
    const from = this.#place
    this.#read()
    if (formatPlace(from) !== formatPlace(this.#place)) this.#onMove(this.#place, from)
  }

  #read(): void {
    const state = history.state as { depth?: number } | null
    this.#depth = state?.depth ?? 0
    this.#place = parsePlace(location.hash)
  }
}
