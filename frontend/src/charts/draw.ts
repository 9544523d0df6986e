// Draws charts with Observable Plot, for the page's strict policy of styles:
// nothing inline, so that colours are the page's own (Chart.svelte). Loaded when
// the first chart is shown.

import * as Plot from '@observablehq/plot'

/** A day, or a week by its Monday, and what is counted of it by one or two names. */
export interface Step {
  day: string
  first: number
  second: number
}

/** How numbers and days are written. */
export interface Writing {
  number: (n: number) => string
  day: (day: string) => string
}

type Marks = Plot.Markish[]

const first = 'var(--chart-1)'
const second = 'var(--chart-2)'

const titleOf = (of: { title: string }) => of.title
const labelOf = (of: { label: string }) => of.label
const dateOf = ({ day }: Step) => new Date(day)
const dayOf = (at: Date) => at.toISOString().slice(0, 10)

/** A figure as it may stand in the page. */
function plot(options: Plot.PlotOptions): Element {
  const drawn = Plot.plot({ className: 'plot', marginTop: 12, marginRight: 28, ...options })
  for (const style of drawn.querySelectorAll('style')) style.remove()
  // The image has a name, and what is in it none.
  for (const mark of drawn.querySelectorAll('[aria-label]')) mark.removeAttribute('aria-label')
  drawn.setAttribute('aria-hidden', 'true')
  return drawn
}

function overTime(width: number, weeks: boolean, writing: Writing, marks: Marks): Element {
  return plot({
    width,
    height: 200,
    marginLeft: 44,
    x: {
      type: 'utc',
      ticks: Math.max(2, Math.floor(width / 90)),
      tickFormat: (at: Date) => writing.day(dayOf(at)),
      label: null,
      interval: weeks ? 'monday' : 'day',
    },
    y: { label: null, grid: true, nice: true, tickFormat: whole(writing) },
    marks: [...marks, Plot.ruleY([0])],
  })
}

/** Half a message is no tick. */
function whole({ number }: Writing): (n: number) => string {
  return (n) => (Number.isInteger(n) ? number(n) : '')
}

/** Two lines over days or weeks: the second is dashed. */
export function lines(steps: Step[], width: number, weeks: boolean, writing: Writing, title: (step: Step) => string) {
  const x = dateOf
  const dots = steps.length < 60
  return overTime(width, weeks, writing, [
    Plot.lineY(steps, { x, y: 'first', stroke: first, strokeWidth: 2 }),
    Plot.lineY(steps, { x, y: 'second', stroke: second, strokeWidth: 2, strokeDasharray: '5 3' }),
    ...(dots ? [Plot.dot(steps, { x, y: 'first', fill: first, r: 2.5 })] : []),
    Plot.ruleX(steps, {
      x,
      y1: 0,
      y2: (step: Step) => Math.max(step.first, step.second, 1),
      strokeOpacity: 0,
      strokeWidth: 8,
      title,
    }),
  ])
}

/** Bars over days or weeks: the second stands on the first, hollow, or hangs below. */
export function bars(
  steps: Step[],
  width: number,
  weeks: boolean,
  writing: Writing,
  title: (step: Step) => string,
  below = false,
) {
  const interval = weeks ? 'monday' : 'day'
  const x = dateOf
  const from = (step: Step) => (below ? 0 : step.first)
  const to = (step: Step) => (below ? -step.second : step.first + step.second)
  const some = steps.filter((step) => step.second > 0)
  const inset = steps.length > width / 6 ? 0 : 0.5
  return overTime(width, weeks, writing, [
    Plot.rectY(steps, { x, interval, y: 'first', fill: first, inset, title }),
    Plot.rectY(some, {
      x,
      interval,
      y1: from,
      y2: to,
      fill: 'var(--bg)',
      stroke: second,
      strokeWidth: 1.5,
      inset: inset + 0.75,
      title,
    }),
  ])
}

/** The time that half, and nine in ten, waited at most: a dot, and a ring at the end of a line. */
export interface Wait {
  name: string
  median: number
  p90: number
  title: string
}

const minute = 60_000
const waitTicks = [minute, 5 * minute, 15 * minute, 60 * minute, 240 * minute, 1440 * minute, 10080 * minute]

export function waits(rows: Wait[], width: number, time: (ms: number) => string) {
  const least = Math.min(minute, ...rows.map((row) => Math.max(1000, row.median)))
  const most = Math.max(60 * minute, ...rows.map((row) => row.p90)) * 1.2
  const ticks = waitTicks.filter((ms) => ms >= least && ms <= most)
  const some = width < 460 && ticks.length > 4 ? ticks.filter((_, i) => i % 2 === 0) : ticks
  const at = (ms: number) => Math.max(least, ms)
  return plot({
    width,
    height: 44 + rows.length * 26,
    marginLeft: nameMargin(width),
    x: { type: 'log', domain: [least, most], label: null, axis: null },
    y: names(rows.map((row) => row.name)),
    marks: [
      Plot.gridX(some),
      Plot.axisX(some, { tickFormat: time, label: null }),
      nameAxis(width),
      Plot.ruleY(rows, {
        y: 'name',
        x1: (row: Wait) => at(row.median),
        x2: (row: Wait) => at(row.p90),
        stroke: first,
        strokeWidth: 2,
        title: titleOf,
      }),
      Plot.dot(rows, {
        y: 'name',
        x: (row: Wait) => at(row.p90),
        r: 5,
        fill: 'var(--bg)',
        stroke: second,
        strokeWidth: 2,
        title: titleOf,
      }),
      Plot.dot(rows, { y: 'name', x: (row: Wait) => at(row.median), r: 5, fill: first, title: titleOf }),
    ],
  })
}

/** A bar across, in two parts: the second is hollow. */
export interface Part {
  name: string
  first: number
  second: number
  /** At its end. */
  label: string
  title: string
}

export function across(rows: Part[], width: number, writing: Writing) {
  return plot({
    width,
    height: 32 + rows.length * 26,
    marginLeft: nameMargin(width),
    marginRight: 64,
    x: { label: null, grid: true, ticks: Math.max(2, Math.floor(width / 120)), tickFormat: whole(writing), nice: true },
    y: names(rows.map((row) => row.name)),
    marks: [
      nameAxis(width),
      Plot.barX(rows, { y: 'name', x: 'first', fill: first, insetTop: 3, insetBottom: 3, title: titleOf }),
      Plot.barX(
        rows.filter((row) => row.second > 0),
        {
          y: 'name',
          x1: 'first',
          x2: (row: Part) => row.first + row.second,
          fill: 'var(--bg)',
          stroke: second,
          strokeWidth: 1.5,
          insetTop: 4,
          insetBottom: 4,
          title: titleOf,
        },
      ),
      Plot.text(rows, {
        y: 'name',
        x: (row: Part) => row.first + row.second,
        text: labelOf,
        textAnchor: 'start',
        dx: 6,
      }),
      Plot.ruleX([0]),
    ],
  })
}

function nameMargin(width: number): number {
  return Math.min(150, Math.round(width * 0.34))
}

function names(domain: string[]): Plot.ScaleOptions {
  return { domain, label: null }
}

function nameAxis(width: number) {
  return Plot.axisY({ label: null, tickSize: 0, lineWidth: (nameMargin(width) - 8) / 10, textOverflow: 'ellipsis' })
}

/** How many there are in an hour of the week. */
export interface Cell {
  day: string
  hour: number
  count: number
  title: string
}

/** The week by hours: the more, the larger the spot. */
export function week(cells: Cell[], days: string[], width: number, hour: (n: number) => string) {
  const step = Math.min(36, (width - 70) / 24)
  return plot({
    width,
    height: 7 * Math.max(20, step) + 34,
    marginLeft: 58,
    marginBottom: 22,
    x: { type: 'band', domain: [...Array(24).keys()], label: null, tickSize: 0, ticks: [], tickFormat: hour },
    y: { type: 'band', domain: days, label: null, tickSize: 0 },
    r: { range: [0, step / 2 - 0.5], domain: [0, Math.max(1, ...cells.map((cell) => cell.count))] },
    marks: [
      Plot.cell(cells, { x: 'hour', y: 'day', fill: 'var(--chart-cell)', inset: 0.5, title: titleOf }),
      Plot.dot(
        cells.filter((cell) => cell.count > 0),
        { x: 'hour', y: 'day', r: 'count', fill: first, title: titleOf },
      ),
      Plot.axisX(
        [...Array(24).keys()].filter((n) => n % (width < 560 ? 6 : 3) === 0),
        { tickSize: 0, tickFormat: hour, label: null },
      ),
    ],
  })
}
