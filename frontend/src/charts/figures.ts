// What the charts of Insights show, say, and have as a table behind them.

import type { AgeTally, ChannelTally, DayTally, Report, ResponseTally } from '../api/insights'
import { bucketName, dayShort, dayWhole, hourName, longSpan, weekdayName } from '../text/figures'
import { monday } from '../text/periods'
import type { Key, Words } from '../words/words.svelte'
import type * as Draw from './draw'

export type Drawing = typeof Draw

/** How a mark of the legend looks. */
export type Look = 'solid' | 'dashed' | 'hollow' | 'dot' | 'ring'

export interface Figure {
  id: string
  title: string
  /** What the chart shows, in a sentence or two. */
  text: string
  legend: { look: Look; label: string }[]
  /** The file of the server with the same figures. */
  file: string
  columns: string[]
  rows: string[][]
  /** The wide one has a row of the page to itself. */
  wide: boolean
  /** Draws it; null where there is nothing to draw. */
  draw: ((on: Drawing, width: number) => Element) | null
}

// Beyond so many days a day is too thin to be seen: weeks are.
const mostDays = 92
const mostRows = 10

/** Writes the figures of a report in a language. */
export class Figures {
  #report: Report
  #words: Words
  #zone: string
  #agent: (account: string, ref: string) => string
  #weeks: boolean

  /** @param agent names one of the team. @param zone is where a date of no account's is read. */
  constructor(report: Report, words: Words, zone: string, agent: (account: string, ref: string) => string) {
    this.#report = report
    this.#words = words
    this.#zone = zone
    this.#agent = agent
    this.#weeks = report.days.length > mostDays
  }

  all(): Figure[] {
    return [
      this.#messages(),
      this.#conversations(),
      this.#response(),
      this.#hours(),
      this.#missed(),
      this.#ages(),
      this.#channels(),
      this.#resolved(),
    ]
  }

  /** What matters most, in sentences. */
  summary(): string[] {
    const { t, n, lang } = this.#words
    const report = this.#report
    const conversations = n(sum(report.days, (day) => every(day.conversations)))
    const messages = n(sum(report.days, (day) => every(day.messages)))
    const [from, to] = [report.from, report.to].map((day) => dayWhole(day, lang)) as [string, string]
    const out = [t('insights.summary', { conversations, messages, from, to })]
    const [all] = report.responses
    if (all?.median_ms != null && all.p90_ms !== null) {
      const [median, p90] = [longSpan(all.median_ms, lang), longSpan(all.p90_ms, lang)]
      out.push(t('insights.summary_fast', { median, p90 }))
    }
    const [windows] = report.windows
    if (windows && windows.closed > 0) {
      out.push(t('insights.summary_missed', { missed: windows.missed, closed: windows.closed }))
    }
    return out
  }

  /** Days, or weeks where the period is long, with what is counted of each. */
  #steps<Name extends string>(of: (day: DayTally) => Record<Name, number>): (Record<Name, number> & { day: string })[] {
    const weeks = new Map<string, Record<Name, number> & { day: string }>()
    for (const day of this.#report.days) {
      const key = this.#weeks ? monday(day.day) : day.day
      const more = of(day)
      const step = weeks.get(key)
      if (!step) weeks.set(key, { ...more, day: key })
      else for (const name of Object.keys(more) as Name[]) (step as Record<Name, number>)[name] += more[name]
    }
    return [...weeks.values()]
  }

  get #writing(): Draw.Writing {
    const { n, lang } = this.#words
    return { number: n, day: (day) => dayShort(day, lang) }
  }

  #per(id: 'messages' | 'conversations' | 'resolved'): string {
    return this.#words.t(this.#weeks ? `insights.${id}_week` : `insights.${id}`)
  }

  get #dayColumn(): Key {
    return this.#weeks ? 'insights.column.week' : 'insights.column.day'
  }

  #columns(...keys: Key[]): string[] {
    return keys.map((key) => this.#words.t(key))
  }

  #messages(): Figure {
    const { t, n, lang } = this.#words
    const steps = this.#steps(({ messages }) => ({
      first: messages.in,
      second: messages.out,
      unknown: messages.unknown,
    }))
    const most = steps.reduce((a, b) => (b.first + b.second > a.first + a.second ? b : a))
    const count = most.first + most.second
    const [incoming, out] = [sum(steps, (step) => step.first), sum(steps, (step) => step.second)]
    const day = dayWhole(most.day, lang)
    const title = (step: Draw.Step) =>
      `${dayWhole(step.day, lang)}: ${n(step.first)} ${t('insights.legend_in')}, ${n(step.second)} ${t('insights.legend_out')}`
    return {
      id: 'messages',
      title: this.#per('messages'),
      text: count === 0 ? t('insights.none') : t('insights.messages_text', { in: incoming, out, most: day, count }),
      legend: [
        { look: 'solid', label: t('insights.legend_in') },
        { look: 'dashed', label: t('insights.legend_out') },
      ],
      file: 'days',
      columns: this.#columns(
        this.#dayColumn,
        'insights.column.messages_in',
        'insights.column.messages_out',
        'insights.column.messages_unknown',
      ),
      rows: steps.map((step) => [dayWhole(step.day, lang), n(step.first), n(step.second), n(step.unknown)]),
      wide: true,
      draw: count === 0 ? null : (on, width) => on.lines(steps, width, this.#weeks, this.#writing, title),
    }
  }

  #conversations(): Figure {
    const { t, n, lang } = this.#words
    const steps = this.#steps(({ conversations: of }) => ({ first: of.in, second: of.out, unknown: of.unknown }))
    const [incoming, out] = [sum(steps, (step) => step.first), sum(steps, (step) => step.second)]
    const title = (step: Draw.Step) =>
      `${dayWhole(step.day, lang)}: ${n(step.first)} ${t('insights.legend_began_in')}, ${n(step.second)} ${t('insights.legend_began_out')}`
    return {
      id: 'conversations',
      title: this.#per('conversations'),
      text: t('insights.conversations_text', { in: incoming, out }),
      legend: [
        { look: 'solid', label: t('insights.legend_began_in') },
        { look: 'hollow', label: t('insights.legend_began_out') },
      ],
      file: 'days',
      columns: this.#columns(
        this.#dayColumn,
        'insights.column.conversations_in',
        'insights.column.conversations_out',
        'insights.column.conversations_unknown',
      ),
      rows: steps.map((step) => [dayWhole(step.day, lang), n(step.first), n(step.second), n(step.unknown)]),
      wide: false,
      draw: incoming + out === 0 ? null : (on, width) => on.bars(steps, width, this.#weeks, this.#writing, title),
    }
  }

  #response(): Figure {
    const { t, n, lang } = this.#words
    const [all, ...accounts] = this.#report.responses as [ResponseTally, ...ResponseTally[]]
    const time = (ms: number | null) => (ms === null ? '–' : longSpan(ms, lang))
    const many = accounts.length > 1
    const lines = [
      { name: t('insights.all_together'), of: all },
      ...(many ? accounts.map((of) => ({ name: of.account, of })) : []),
      ...this.#report.assignees.map((of) => {
        const name = of.ref === '' ? t('insights.nobody') : of.name || this.#agent(of.account, of.ref)
        return { name: many ? `${name} · ${of.account}` : name, of }
      }),
    ]
    const waits = lines.flatMap(({ name, of }): Draw.Wait[] => {
      if (of.median_ms === null || of.p90_ms === null) return []
      const title = `${name}: ${t('insights.column.median')} ${time(of.median_ms)}, ${t('insights.column.p90')} ${time(of.p90_ms)}`
      return [{ name, median: of.median_ms, p90: of.p90_ms, title }]
    })
    const { answered, unanswered, waiting } = all
    const [median, p90] = [time(all.median_ms), time(all.p90_ms)]
    const text =
      answered === 0
        ? t('insights.response_none', { unanswered, waiting })
        : t('insights.response_text', { median, p90, answered, unanswered, waiting })
    return {
      id: 'response',
      title: t('insights.response'),
      text: `${text} ${t('insights.response_whom')}`,
      legend: [
        { look: 'dot', label: t('insights.legend_median') },
        { look: 'ring', label: t('insights.legend_p90') },
      ],
      file: 'assignees',
      columns: this.#columns(
        'insights.column.assignee',
        'insights.column.answered',
        'insights.column.median',
        'insights.column.p90',
        'insights.column.unanswered',
        'insights.column.waiting',
        'insights.column.unclear',
      ),
      rows: lines.map(({ name, of }) => [
        name,
        n(of.answered),
        time(of.median_ms),
        time(of.p90_ms),
        n(of.unanswered),
        n(of.waiting),
        n(of.unclear),
      ]),
      wide: false,
      draw: waits.length === 0 ? null : (on, width) => on.waits(unlike(waits).slice(0, mostRows), width, time),
    }
  }

  #hours(): Figure {
    const { t, n, lang } = this.#words
    const { hours } = this.#report
    const days = [1, 2, 3, 4, 5, 6, 7].map((weekday) => weekdayName(weekday, lang, 'short'))
    const cells = hours.map((of): Draw.Cell => {
      const day = weekdayName(of.weekday, lang, 'short')
      return { day, hour: of.hour, count: of.in, title: `${day} ${hourName(of.hour, lang)}: ${n(of.in)}` }
    })
    const most = hours.reduce((a, b) => (b.in > a.in ? b : a))
    const [busiest, hour] = [weekdayName(most.weekday, lang, 'long'), hourName(most.hour, lang)]
    return {
      id: 'hours',
      title: t('insights.hours'),
      text: most.in === 0 ? t('insights.none') : t('insights.hours_text', { day: busiest, hour, count: most.in }),
      legend: [],
      file: 'hours',
      columns: [t('insights.column.hour'), ...days],
      rows: [...Array(24).keys()].map((at) => [
        hourName(at, lang),
        ...days.map((_, i) => n(hours[i * 24 + at]?.in ?? 0)),
      ]),
      wide: true,
      draw: most.in === 0 ? null : (on, width) => on.week(cells, days, width, (hour) => hourName(hour, lang)),
    }
  }

  #missed(): Figure {
    const { t, n, lang } = this.#words
    const steps = this.#steps(({ missed }) => ({ first: missed, second: 0 }))
    const { missed = 0, closed = 0 } = this.#report.windows[0] ?? {}
    const title = (step: Draw.Step) => `${dayWhole(step.day, lang)}: ${n(step.first)}`
    return {
      id: 'missed',
      title: t('insights.missed'),
      text: t('insights.missed_text', { missed, closed }),
      legend: [],
      file: 'days',
      columns: this.#columns(this.#dayColumn, 'insights.column.missed'),
      rows: steps.map((step) => [dayWhole(step.day, lang), n(step.first)]),
      wide: false,
      draw: missed > 0 ? (on, width) => on.bars(steps, width, this.#weeks, this.#writing, title) : null,
    }
  }

  #ages(): Figure {
    const { t, n, lang } = this.#words
    const { ages } = this.#report
    const name = (age: AgeTally) => bucketName(age, lang, t)
    const parts = ages.map((age): Draw.Part => {
      const title = `${name(age)}: ${n(age.customer)} ${t('insights.legend_customer')}, ${n(age.other)} ${t('insights.legend_other')}`
      return { name: name(age), first: age.customer, second: age.other, label: n(age.customer + age.other), title }
    })
    const of = (age: AgeTally) => age.customer + age.other
    const [open, customer] = [sum(ages, of), sum(ages, (age) => age.customer)]
    const old = sum(ages, (age) => (age.hours_from >= 168 ? of(age) : 0))
    return {
      id: 'ages',
      title: t('insights.ages'),
      text: t('insights.ages_text', { open, customer, old }),
      legend: [
        { look: 'solid', label: t('insights.legend_customer') },
        { look: 'hollow', label: t('insights.legend_other') },
      ],
      file: 'ages',
      columns: this.#columns(
        'insights.column.age',
        'insights.column.waiting_customer',
        'insights.column.waiting_other',
      ),
      rows: ages.map((age) => [name(age), n(age.customer), n(age.other)]),
      wide: false,
      draw: open === 0 ? null : (on, width) => on.across(parts, width, this.#writing),
    }
  }

  #channels(): Figure {
    const { t, n, lang } = this.#words
    const { channels } = this.#report
    const share = new Intl.NumberFormat(lang, { style: 'percent', maximumFractionDigits: 0 })
    const all = sum(channels, ({ messages }) => every(messages))
    const name = (of: ChannelTally) => this.#channel(of)
    const part = (of: ChannelTally) => every(of.messages) / Math.max(1, all)
    const parts = channels.slice(0, mostRows).map((of): Draw.Part => {
      const count = every(of.messages)
      const label = share.format(part(of))
      return {
        name: name(of),
        first: count,
        second: 0,
        label,
        title: `${name(of)}, ${of.platform}: ${n(count)}, ${label}`,
      }
    })
    const [top] = channels
    return {
      id: 'channels',
      title: t('insights.channels'),
      text: top
        ? t('insights.channels_text', { count: channels.length, name: name(top), share: share.format(part(top)) })
        : t('insights.none'),
      legend: [],
      file: 'channels',
      columns: this.#columns(
        'insights.column.channel',
        'insights.column.platform',
        'insights.column.conversations_in',
        'insights.column.conversations_out',
        'insights.column.messages_in',
        'insights.column.messages_out',
      ),
      rows: channels.map((of) => [
        name(of),
        of.platform,
        ...[of.conversations.in, of.conversations.out, of.messages.in, of.messages.out].map(n),
      ]),
      wide: false,
      draw: all === 0 ? null : (on, width) => on.across(unlike(parts), width, this.#writing),
    }
  }

  /** A channel that was not named is known by its account, and by the end of its id where that has several. */
  #channel({ name, channel, account, platform }: ChannelTally): string {
    const several = this.#report.channels.filter((each) => each.account === account).length > 1
    const own = name || (several ? `…${channel.slice(-5)}` : '')
    return [account, own, platform === 'whatsapp' ? '' : platform].filter((part) => part !== '').join(' · ')
  }

  #resolved(): Figure {
    const { t, n, lang } = this.#words
    const watched = this.#report.days.filter((day) => day.resolved !== null)
    const since = this.#report.coverage.accounts.flatMap(({ watching }) => watching ?? []).sort()[0]
    const steps = this.#steps((day) => ({ first: day.resolved ?? 0, second: day.reopened ?? 0 }))
    const resolved = sum(watched, (day) => day.resolved ?? 0)
    const reopened = sum(watched, (day) => day.reopened ?? 0)
    const began = since ? dayWhole(since, lang, this.#zone) : '–'
    const title = (step: Draw.Step) =>
      `${dayWhole(step.day, lang)}: ${n(step.first)} ${t('insights.legend_resolved')}, ${n(step.second)} ${t('insights.legend_reopened')}`
    const known = new Set(watched.map(({ day }) => (this.#weeks ? monday(day) : day)))
    return {
      id: 'resolved',
      title: this.#per('resolved'),
      text:
        watched.length === 0
          ? t('insights.resolved_none', { since: began })
          : t('insights.resolved_text', { resolved, reopened, since: began }),
      legend: [
        { look: 'solid', label: t('insights.legend_resolved') },
        { look: 'hollow', label: t('insights.legend_reopened') },
      ],
      file: 'days',
      columns: this.#columns(this.#dayColumn, 'insights.column.resolved', 'insights.column.reopened'),
      rows: steps.map((step) => [
        dayWhole(step.day, lang),
        ...(known.has(step.day) ? [n(step.first), n(step.second)] : ['–', '–']),
      ]),
      wide: false,
      draw:
        resolved + reopened === 0
          ? null
          : (on, width) => on.bars(steps, width, this.#weeks, this.#writing, title, true),
    }
  }
}

function every({ in: incoming, out, unknown }: { in: number; out: number; unknown: number }): number {
  return incoming + out + unknown
}

function sum<T>(items: T[], of: (item: T) => number): number {
  return items.reduce((all, item) => all + of(item), 0)
}

/** Two rows of one name would be drawn over each other. */
function unlike<T extends { name: string }>(rows: T[]): T[] {
  const seen = new Map<string, number>()
  return rows.map((row) => {
    const times = (seen.get(row.name) ?? 0) + 1
    seen.set(row.name, times)
    return times > 1 ? { ...row, name: `${row.name} (${String(times)})` } : row
  })
}
