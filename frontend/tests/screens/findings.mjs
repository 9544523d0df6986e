// What axe found, screen by screen.

/** Violations counted by screen, and by language and theme, over the sizes. */
export class Findings {
  #screens = new Map()
  #ways = new Set()

  /** Adds the violations of one look at a screen. */
  add(screen, way, violations) {
    this.#ways.add(way)
    const line = this.#screens.get(screen) ?? new Map()
    const { looks, found } = line.get(way) ?? { looks: 0, found: 0 }
    this.#screens.set(screen, line.set(way, { looks: looks + 1, found: found + violations }))
  }

  /** A table in Markdown: a line a screen, a column a language and theme; a way that was not looked at is a dash. */
  table() {
    const ways = [...this.#ways]
    const lines = [...this.#screens].map(([screen, line]) => [
      screen,
      ...ways.map((way) => line.get(way)?.found ?? '–'),
    ])
    const looks = [...this.#screens.values()].flatMap((line) => [...line.values()])
    const sum = (of) => looks.reduce((all, look) => all + of(look), 0)
    const widest = Math.max(...lines.map(([screen]) => screen.length), 'screen'.length)
    const row = (cells) =>
      `| ${cells.map((cell, i) => (i ? `${cell}`.padStart(ways[i - 1].length) : cell.padEnd(widest))).join(' | ')} |`
    const rule = ['-'.repeat(widest), ...ways.map((way) => `${'-'.repeat(way.length - 1)}:`)]
    return (
      [row(['screen', ...ways]), row(rule), ...lines.map(row)].join('\n') +
      `\n\nViolations by axe-core: ${sum((look) => look.found)}, in ${sum((look) => look.looks)} looks at ${lines.length} screens.\n`
    )
  }
}
