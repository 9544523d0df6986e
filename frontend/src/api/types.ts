// What the server answers: docs/screen-api.md, noun by noun. Times are RFC
// 3339 or null where not known; ids are opaque.

export type Provider = 'waspy' | 'platica'
export type Language = 'es-AR' | 'es-MX' | 'en'
export type Theme = 'system' | 'light' | 'dark'
export type View = 'inbox' | 'needs_reply' | 'unassigned' | 'expiring' | 'all' | 'spam'
export type Status = 'open' | 'pending' | 'resolved' | 'closed' | 'spam' | 'expired' | 'unknown'
export type Direction = 'in' | 'out' | 'unknown'
export type Kind =
  | 'text'
  | 'image'
  | 'audio'
  | 'video'
  | 'document'
  | 'sticker'
  | 'location'
  | 'contact'
  | 'template'
  | 'interactive'
  | 'reaction'
  | 'email'
  | 'unknown'
export type AccountPhase = 'first_copy' | 'catching_up' | 'up_to_date' | 'offline' | 'paused' | 'failing'
export type Time = string

export const views: readonly View[] = ['inbox', 'needs_reply', 'unassigned', 'expiring', 'all', 'spam']

export interface AccountState {
  name: string
  provider: Provider
  base_url: string
  region: string
  area: string
  zone: string
  rate: number
  key_store: string
  can_write: boolean | null
  state: AccountPhase
  conversations: number
  messages: number
  gone: number
  incomplete: number
  as_of: Time | null
  error: string | null
  listing: { seen: number; back_to: Time | null } | null
  reading: { done: number; total: number } | null
}

export interface State {
  version: string
  demo: boolean
  native: boolean
  language: Language
  theme: Theme
  platform: 'linux' | 'darwin' | 'windows'
  people_ready: boolean
  now: Time
  defaults: { region: string; area: string; zone: string }
  accounts: AccountState[]
}

export type Counts = Record<View, number> & { unread: number }

export interface ReplyWindow {
  known: boolean
  open: boolean
  until: Time | null
}

export interface ThreadRow {
  thread: string
  person: string
  name: string
  phone: string
  account: string
  provider: Provider
  channel: string
  channel_name: string
  platform: string
  conversation: string
  status: Status
  status_word: string
  assignees: string[]
  tags: string[]
  topic: string
  at: Time
  last: { direction: Direction; kind: Kind; text: string; status: string } | null
  window: ReplyWindow
  unread: boolean
  needs_reply: boolean | null
  complete: boolean
  sessions: number
}

export interface ThreadPage {
  threads: ThreadRow[]
  cursor: string | null
}

export interface Conversation {
  conversation: string
  status: Status
  status_word: string
  created_at: Time | null
  at: Time | null
  messages: number
  complete: boolean
  gone: boolean
}

export interface PersonPhone {
  display: string
  written: string
  account: string
  provider: Provider
}

export interface PersonThread {
  thread: string
  account: string
  provider: Provider
  channel_name: string
  status: Status
  status_word: string
  at: Time | null
  sessions: number
}

export interface Person {
  person: string
  name: string
  names: string[]
  phones: PersonPhone[]
  threads: PersonThread[]
  reason: string
}

export interface ThreadDetail {
  thread: ThreadRow
  conversations: Conversation[]
  person: Person
}

export interface Message {
  message: string
  conversation: string
  direction: Direction
  kind: Kind
  kind_word: string
  text: string
  status: string
  at: Time | null
}

export interface MessagePage {
  messages: Message[]
  before: string | null
  after: string | null
}

/** A marked stretch: UTF-16 offsets, end exclusive. */
export type Range = [start: number, end: number]

export interface FoundPerson {
  person: string
  name: string
  names: string[]
  phones: string[]
  threads: {
    account: string
    provider: Provider
    thread: string
    conversation: string
    status: Status
    last_message_at: Time | null
  }[]
  match: { field: 'name' | 'phone'; text: string; exact: boolean; ranges: Range[] }
  reason: string
  score: number
}

export interface FoundMessage {
  account: string
  provider: Provider
  thread: string
  conversation: string
  message: string
  at: Time | null
  direction: Direction
  text: string
  ranges: Range[]
}

export interface Found {
  query: string
  people: FoundPerson[]
  messages: FoundMessage[]
  coverage: { conversations: number; complete: number; partial: number; as_of: Time | null }
  took_ms: number
}

export interface NewAccount {
  provider: Provider
  name: string
  base_url: string
  key: string
  region: string
  area: string
  zone: string
}

export interface AddedAccount {
  account: AccountState
  workspaces: { id: string; name: string }[]
  sample: string[]
}

export interface Settings {
  language: Language
  theme: Theme
}
