// What the server answers of Insights: docs/screen-api.md; what each figure
// means exactly: docs/en/insights.md.

import type { Provider, Time } from './types'

export interface Tally {
  in: number
  out: number
  unknown: number
}

export interface DayTally {
  day: string
  conversations: Tally
  messages: Tally
  missed: number
  /** null: Bandeja did not watch yet. */
  resolved: number | null
  reopened: number | null
}

export interface ResponseTally {
  account: string
  provider: Provider | ''
  ref: string
  name: string
  answered: number
  unanswered: number
  waiting: number
  unclear: number
  median_ms: number | null
  p90_ms: number | null
}

export interface HourTally {
  /** 1 is Monday. */
  weekday: number
  hour: number
  in: number
  out: number
}

export interface AgeTally {
  hours_from: number
  /** null: and longer. */
  hours_to: number | null
  customer: number
  other: number
}

export interface ChannelTally {
  account: string
  provider: Provider
  channel: string
  name: string
  platform: string
  conversations: Tally
  messages: Tally
}

export interface WindowTally {
  account: string
  provider: Provider | ''
  closed: number
  missed: number
  unclear: number
}

export interface AccountCover {
  account: string
  provider: Provider
  zone: string
  as_of: Time | null
  oldest: Time | null
  watching: Time | null
  listed: boolean
  to_read: number
  short: number
}

export interface Report {
  from: string
  to: string
  account: string
  days: DayTally[]
  /** Of all together, and then of each account. */
  responses: ResponseTally[]
  assignees: ResponseTally[]
  hours: HourTally[]
  ages: AgeTally[]
  channels: ChannelTally[]
  /** Of all together, and then of each account. */
  windows: WindowTally[]
  coverage: { accounts: AccountCover[]; unknown_direction: number; untimed: number; seen_late: number }
}

/** The figures; or, before the first look over all messages is through, how far it is. */
export interface Insights {
  ready: boolean
  done: number
  total: number
  report: Report | null
}
