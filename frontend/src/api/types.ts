// What the server answers: docs/screen-api.md, noun by noun. Times are RFC
// 3339 or null where not known; ids are opaque.

export type Provider = 'waspy' | 'platica'
export type Language = 'es-AR' | 'es-MX' | 'en'
export type Theme = 'system' | 'light' | 'dark'
export type Density = 'comfortable' | 'compact'
export type View = 'inbox' | 'needs_reply' | 'mine' | 'unassigned' | 'expiring' | 'snoozed' | 'all' | 'spam'
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

/** What a list is sorted by; "" is the view's own. */
export type Sort = '' | 'newest' | 'waiting' | 'expiring'
export const sorts: readonly Exclude<Sort, ''>[] = ['newest', 'waiting', 'expiring']

export const views: readonly View[] = [
  'inbox',
  'needs_reply',
  'mine',
  'unassigned',
  'expiring',
  'snoozed',
  'all',
  'spam',
]

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
  /** What kind of failure `error` tells, as `refused`, `limited` or `disk_full`; "" while there is none. */
  error_kind: string
  /** When the next try is, where the last one failed. */
  retry_at: Time | null
  listing: { seen: number; back_to: Time | null } | null
  reading: { done: number; total: number } | null
  /** A person has paused it. */
  held: boolean
  /** Conversations that did not come back and are being asked for one by one. */
  lookups: number
  /** Rows that could not be read, kept as they came. */
  rejected: number
  /** Requests of the last hour and day; of the day: tried again, answered with 429. */
  calls: { hour: number; day: number; retries: number; limited: number }
}

/** What happened to the files, until somebody has read it. */
export interface FileNotice {
  id: string
  kind: 'cache_rebuilt' | 'local_restored' | 'local_salvaged'
  at: Time
  file: string
  from: Time | null
}

export interface State {
  version: string
  demo: boolean
  native: boolean
  language: Language
  theme: Theme
  density: Density
  keys: Settings['keys']
  single_keys: boolean
  platform: 'linux' | 'darwin' | 'windows'
  people_ready: boolean
  now: Time
  defaults: { region: string; area: string; zone: string }
  accounts: AccountState[]
  outbox: { waiting: number; attention: number }
  storage: 'ok' | 'full' | 'read_only' | 'damaged'
  notices: FileNotice[]
}

/** One cycle of an account, or several quiet ones in a row as one. */
export interface Run {
  started_at: Time
  finished_at: Time | null
  requests: number
  retries: number
  changed: number
  error: string | null
}

export type Counts = Record<Exclude<View, 'mine'>, number> & {
  /** null: nobody has said who one is. */
  mine: number | null
  unread: number
}

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
  /** A wish is laid over it; it waits for the provider, or for a person. */
  pending: 'waiting' | 'attention' | null
  gone: boolean
  /** null: it is not, or it came back and was looked at. */
  /** In a list: where it stands. */
  place?: RowPlace | null
  snoozed: Snoozed | null
}

/** Until when a thread is left out of the lists of work, and by what it is back. */
export interface Snoozed {
  until: Time
  /** null while it is away. */
  back: 'time' | 'message' | null
}

/** What somebody wrote of a thread for those who answer it: no platform sees it. */
export interface Note {
  id: string
  thread: string
  text: string
  made_at: Time
  /** null: it was never changed. */
  changed_at: Time | null
}

/** Where a row of a list stands: growing downwards, or shrinking where the newest come first. */
export interface RowPlace {
  at: number
  /** In a list by who waits longest: since when nobody has answered; null where nobody waits, or that is not known. */
  waiting_since: Time | null
}

export interface ThreadPage {
  threads: ThreadRow[]
  /** Where each row stands, in their order. */
  places: RowPlace[]
  cursor: string | null
  /** Of a list with a filter: what was understood of it, and how many rows it has (null: more than are counted). */
  parsed?: Parsed
  total?: number | null
}

/** A stretch of a query and what it was read as; offsets are UTF-16 units of the query. */
export interface QueryPart {
  kind: 'word' | 'phrase' | 'exclude' | 'filter'
  key: string
  value: string
  text: string
  label: string
  start: number
  end: number
}

/** A stretch of a query that says nothing, why, and what might have been meant. */
export interface QueryProblem {
  start: number
  end: number
  code: string
  message: string
  suggestions: string[]
}

export interface Parsed {
  words: string
  parts: QueryPart[]
  problems: QueryProblem[]
}

/** What may stand in a query in place of the stretch from start to end. */
export interface Completion {
  insert: string
  label: string
  detail: string
  start: number
  end: number
}

/** A query with a name. */
export interface SavedView {
  id: string
  name: string
  query: string
  view: View
  /** null: not counted. */
  count: number | null
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

/** Why two contacts are one person. */
export interface Join {
  /** "" where no person has had a say in it. */
  id: string
  a: string
  b: string
  reason: string
  by_hand: boolean
}

/** A customer as one account names them. */
export interface Contact {
  id: string
  account: string
  provider: Provider
  name: string
  phone: string
  threads: string[]
}

/** Somebody who may be the same person: a suggestion, never a join. */
export interface Duplicate {
  person: string
  name: string
  phone: string
  account: string
  provider: Provider
  reason: string
}

/** A person with what is known of the writings and joins. */
export interface PersonDetail extends Omit<Person, 'phones'> {
  phones: (PersonPhone & { guessed: boolean; reason: string })[]
  joins: Join[]
  contacts: Contact[]
  duplicates: Duplicate[]
}

export const exportRows = ['messages', 'conversations', 'people'] as const
export type ExportRows = (typeof exportRows)[number]

export const exportFormats = ['xlsx', 'html', 'csv', 'ndjson'] as const
export type ExportFormat = (typeof exportFormats)[number]

/** What is wanted as a file: of a person, of a thread of theirs, or of what a list shows. */
export interface ExportAsk {
  rows: ExportRows
  format: ExportFormat
  person?: string
  thread?: string
  view?: View
  account?: string
  q?: string
}

export interface Exported {
  id: string
  /** The file's. */
  name: string
  state: 'ready' | 'running' | 'done' | 'stopped' | 'failed'
  /** How many rows are written, of how many, where that is known. */
  done: number
  total: number | null
  sha256: string
}

/** What forgetting somebody would erase. */
export interface ForgetPreview {
  people: string[]
  names: string[]
  conversations: number
  messages: number
  notes: number
  drafts: number
  /** Wait to be sent, and would not be. */
  changes: number
  /** The number is somebody else's too, and would not be kept out. */
  number_shared: boolean
}

/** How far something is that takes long, step by step. */
export interface Progress<Step extends string> {
  running: boolean
  step: '' | Step
  /** Bytes of the step, and how many it has; 0 where nobody knows. */
  done: number
  total: number
}

export type ForgetProgress = Progress<'erasing' | 'backups' | 'looking'>

export type BackupProgress = Progress<'counting' | 'copying' | 'proving' | 'packing' | 'checking'>

/** The receipt of a forgetting, which names nobody. */
export interface Forgotten {
  receipt: { id: string; found: number; unread: number; indexes: { people: number; words: number } }
  /** In words, a line each. */
  text: string[]
}

/** What became of a join, a split or a keeping apart, and how to take it back. */
export interface Joined {
  person: string
  undo: string
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
  /** Why it could not be sent, in the platform's words; "" where it does not say. */
  reason: string
  at: Time | null
  /** Of a person's messages over all their threads: where it is from. */
  thread?: string
  account?: string
  provider?: Provider
}

export interface MessagePage {
  messages: Message[]
  before: string | null
  after: string | null
  /** The place in messages of what was asked for, by a message, a time or as the first unread one. */
  found: number | null
  /** Where the customer spoke last and nobody has read it: from where on. */
  unread: UnreadFrom | null
}

/** From where on messages are unread; "" where the first one is not in the copy yet. */
export interface UnreadFrom {
  /** What came until then is read; null: nothing is. */
  since: Time | null
  account: string
  conversation: string
  message: string
}

/** Days (`2026-04-13`) that have messages, and those of the oldest and the newest message that is here. */
export interface MessageDays {
  days: string[]
  first: string | null
  last: string | null
}

/** What changed in a conversation: seen by a sync, or made from here. */
export interface Change {
  conversation: string
  field: 'status' | 'assignees' | 'tags' | 'operation' | 'name'
  before: string[]
  after: string[]
  /** Unified, of a status; "" otherwise. */
  before_status: Status | ''
  after_status: Status | ''
  /** It happened between the two; since null: not known. */
  since: Time | null
  until: Time
  /** The outbox entry that made it; null where somebody else did, who is not known. */
  entry: string | null
}

export type EntryState =
  'queued' | 'checking' | 'sending' | 'confirming' | 'done' | 'conflict' | 'refused' | 'parked' | 'stale' | 'unknown'

/** What became of taking changes back; `left` are the ids of those that could not be. */
export interface Undone {
  entries: OutboxEntry[]
  left: string[]
}

/** One change that was asked for here, until the platform has it and a while after. */
export interface OutboxEntry {
  id: string
  account: string
  provider: Provider
  conversation: string
  thread: string
  name: string
  field: 'status' | 'assignees'
  base: string[]
  want: string[]
  now: string[] | null
  base_status: Status | ''
  want_status: Status | ''
  now_status: Status | ''
  state: EntryState
  reason: string
  /** When `now` was seen. */
  now_at: Time | null
  made_at: Time
  tried_at: Time | null
  done_at: Time | null
  attempts: number
  /** The conversations that one call changed, where more than its own. */
  touched: string[]
  undoes: string | null
  can_undo: boolean
}

export interface OutboxList {
  entries: OutboxEntry[]
  waiting: number
  attention: number
}

export interface Agent {
  ref: string
  name: string
  me: boolean
}

/** What is asked of threads: one of the three. */
export type Wish = { status: Status } | { assignees: string[] } | { me: true }

/** What a wish would do, in threads. */
export interface Plan {
  change: number
  same: number
  unsupported: { thread: string; provider: Provider }[]
  irreversible: number
}

/** All of a list, on the server's word: also what was not read of it. */
export interface Whole {
  view: View
  account: string
  q: string
  sort: Sort
}

/** What a change of many would do, in threads. */
export interface ActPlan {
  change: number
  same: number
  unsupported: number
  /** An earlier change of theirs waits for a person: they are left alone. */
  asking: number
  irreversible: number
}

export interface ActPreview {
  /** Names the threads that were counted. */
  list: string
  /** How many of `total` would be changed at once. */
  count: number
  total: number
  plan: ActPlan
}

/** A change of many, as far as it is; `left` are still to come. */
export interface Act {
  op: string
  state: 'doing' | 'done' | 'undoing' | 'undone'
  total: number
  left: number
  changed: number
  same: number
  unsupported: number
  asking: number
  undone: number
  /** Not taken back: changed again since. */
  moved_on: number
  /** Not taken back: that cannot be. */
  irreversible: number
  made_at: string | null
}

export interface Changed {
  entries: OutboxEntry[]
  plan: Plan
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
  /** The phones as people read them, in their order. */
  displays: string[]
  /** A platform helped to find them. */
  fetched: boolean
}

export interface FoundMessage {
  account: string
  provider: Provider
  thread: string
  conversation: string
  message: string
  /** Whose thread it is in: the number where there is no name. */
  name: string
  at: Time | null
  direction: Direction
  text: string
  ranges: Range[]
}

/** How much of an account's history was there to be searched. */
export interface AccountCoverage {
  account: string
  state: AccountPhase
  complete: boolean
  conversations: number
  partial: number
  back_to: Time | null
}

export interface Coverage {
  conversations: number
  complete: number
  partial: number
  as_of: Time | null
  accounts: AccountCoverage[]
}

export interface Found {
  query: string
  people: FoundPerson[]
  messages: FoundMessage[]
  parsed: Parsed
  /** More messages; null at the end. */
  cursor: string | null
  people_ready: boolean
  /** Messages that are not indexed yet wait, and are searched one by one. */
  index: { ready: boolean; waiting: number }
  /** Whether the platforms are being asked too. */
  remote: 'none' | 'asking' | 'done'
  coverage: Coverage
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

/** What is changed of an account; what is left out stays. */
export type AccountChange = Partial<Pick<AccountState, 'region' | 'area' | 'zone' | 'rate' | 'base_url'>>

/** An account, with what would be lost with it. */
export interface AccountWhole {
  account: AccountState
  /** Its changes that were not sent: how many, and the oldest of them. */
  waiting: { count: number; entries: OutboxEntry[] }
  notes: number
  drafts: number
}

export type Scope = 'conversations:read' | 'conversations:write'

/** A token for the platforms' own APIs, served from the copy. */
export interface Token {
  name: string
  scopes: Scope[]
  /** Names, or `all` alone; none: each API has the accounts of its own platform. */
  accounts: string[]
  created_at: string | null
  expires_at: string | null
  expired: boolean
  last_used_at: string | null
}

export interface NewToken {
  name: string
  scopes: Scope[]
  accounts: string[]
  expires_at?: string
}

/** Where the profile lies, and how many bytes its parts take on the disk. */
export interface ProfileData {
  folder: string
  bytes: { cache: number; local: number; backups: number; logs: number }
  /** Of the newest backup that made itself. */
  backed_up_at: string | null
}

/** What is saved in a backup, and how. */
export interface BackupWish {
  /** The copy of what the platforms have, too. */
  with_cache: boolean
  /** "" for none. */
  passphrase: string
}

/** A backup that waits to be fetched, once. */
export interface MadeBackup {
  id: string
  name: string
  bytes: number
  protected: boolean
}

/** A backup where somebody wanted it; `path` is "" where nobody did after all. */
export interface PlacedBackup {
  path: string
  bytes: number
  protected: boolean
}

/** One line of a look over the profile, in words. */
export interface Finding {
  check: string
  state: 'ok' | 'note' | 'bad' | 'skipped'
  account: string
  text: string
  /** What to do about it, or "". */
  do: string
}

export interface Settings {
  language: Language
  theme: Theme
  density: Density
  /** The keys that a person chose, by command; what is not named has its own. */
  keys: Record<string, string | readonly string[] | null>
  /** Keys by themselves do something. */
  single_keys: boolean
}

/** Of whom somebody is told who looks elsewhere, how and when. */
export interface NotificationSettings {
  on: boolean
  /** How much is said: that there is a message, whose, and its text. */
  show: 'nothing' | 'name' | 'text'
  /** mine: assigned to oneself or to nobody. */
  whose: 'all' | 'mine'
  /** Snoozed threads whose time has come, too. */
  woken: boolean
  /** Accounts nothing is told of. */
  muted: string[]
  quiet: QuietHours
}

/** Hours of this machine's clock in which nothing is told; `to` is of the next day where it is not later. */
export interface QuietHours {
  on: boolean
  from: string
  to: string
  /** On which they begin: 1 Monday to 7 Sunday. */
  days: number[]
}

/** What an open page shows, and whether somebody looks at it. */
export interface Presence {
  page: string
  focused: boolean
  thread: string
  can_notify: boolean
  /** What its title says. */
  unread: number
}
