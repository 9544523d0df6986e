// The table of what was measured.

const sorted = (values) => [...values].sort((a, b) => a - b)
const at = (values, part) => values[Math.min(values.length - 1, Math.floor(values.length * part))]

export const median = (values) => at(sorted(values), 0.5)

export class Table {
  #rows = []
  /** What is over its limit. */
  over = []

  /** Times of one thing in ms, what half of them must not be over, and a peer: its name and its times. */
  times(name, values, limit, peer) {
    const all = sorted(values)
    const said = [median(all), at(all, 0.95), at(all, 0.99)].map((value) => value.toFixed(1))
    this.#add(name, said, limit, median(all), peer && `${peer.name} ${median(peer.values).toFixed(1)}`)
  }

  /** One number that must not be over a limit. */
  number(name, value, unit, limit, peer) {
    this.#add(`${name}, ${unit}`, [value.toFixed(1), '', ''], limit, value, peer)
  }

  #add(name, said, limit, value, peer = '') {
    const over = limit !== null && value > limit
    if (over) this.over.push(name)
    this.#rows.push([
      name,
      ...said,
      limit === null ? '' : String(Math.round(limit * 10) / 10),
      over ? 'over' : '',
      peer,
    ])
  }

  print() {
    const rows = [['', 'median', 'p95', 'p99', 'limit', '', 'beside it'], ...this.#rows]
    const wide = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)))
    for (const row of rows) {
      const cells = row.map((cell, i) => (i === 0 || i > 4 ? cell.padEnd(wide[i]) : cell.padStart(wide[i])))
      console.log(cells.join('  ').trimEnd())
    }
  }
}
