import type { Insights } from './insights'
import type {
  AccountChange,
  AccountState,
  AccountWhole,
  Act,
  ActPreview,
  AddedAccount,
  Agent,
  BackupProgress,
  BackupWish,
  Change,
  Changed,
  Completion,
  Counts,
  ExportAsk,
  Exported,
  Finding,
  ForgetPreview,
  ForgetProgress,
  Forgotten,
  Found,
  Joined,
  MadeBackup,
  MessageDays,
  MessagePage,
  NewAccount,
  NewToken,
  Note,
  NotificationSettings,
  OutboxEntry,
  OutboxList,
  PersonDetail,
  PlacedBackup,
  ProfileData,
  Presence,
  Run,
  SavedView,
  Settings,
  Sort,
  State,
  ThreadDetail,
  ThreadPage,
  Token,
  Undone,
  View,
  Whole,
  Wish,
} from './types'

/**
 * A request that failed. `code` is the server's, or `unreachable` when
 * Bandeja itself did not answer; `message` is for the person, in the language
 * of the session, and empty when there was no answer.
 */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message)
  }
}

/** Reports whether err only says that a newer request took the place of this one. */
export function aborted(err: unknown): boolean {
  return err instanceof DOMException && err.name === 'AbortError'
}

type Query = Record<string, string | number | null | undefined>

/** Which page of messages: before or after a cursor, around a message, at a time or a day of a zone, or at the first `unread` one; else the newest. */
export interface PageSpot {
  before?: string | null
  after?: string | null
  around?: string
  at?: string
  zone?: string
  limit: number
}

interface Ask {
  query?: Query | undefined
  body?: unknown
  signal?: AbortSignal | undefined
  /** The request goes on when the page is gone. */
  outlive?: boolean
}

/** What is searched: in one thread or of one person where those are given, one kind alone where `only` says so. */
export interface SearchQuery {
  q: string
  only?: 'people' | 'messages'
  thread?: string
  person?: string
  sort?: 'newest' | 'best'
  cursor?: string
  limit?: number
}

/** A page of a view's list: of an account, narrowed by q, where those are given. */
export interface ListQuery {
  view: View
  account: string
  q: string
  sort: Sort
  cursor: string | null
  limit: number
}

/** The server's answers, typed. The only place that asks the network. */
export class Api {
  /** Called when an answer says that this page has no session. */
  onlocked: () => void = () => undefined

  #foreseen = new Map<string, Promise<Response>>()

  /** Asks for the state and a list while there is no screen yet: who first asks for the same has these answers. */
  foresee(list: ListQuery): void {
    const asks: [path: string, query?: Query][] = [['/api/state'], ['/api/threads', { ...list }]]
    for (const [path, query] of asks) {
      const answer = request('GET', path, { query })
      answer.catch(() => undefined) // who takes it says so
      this.#foreseen.set(address(path, query), answer)
    }
  }

  /** Swaps a launch code for the session cookie; false when the code is used up or wrong. */
  async session(code: string): Promise<boolean> {
    const answer = await request('POST', '/api/session', { body: { code } })
    return answer.ok
  }

  state(signal?: AbortSignal): Promise<State> {
    return this.#ask('GET', '/api/state', { signal })
  }

  counts(account: string, signal?: AbortSignal): Promise<Counts> {
    return this.#ask('GET', '/api/counts', { query: { account }, signal })
  }

  /** The figures of a period, or how far the first look over all messages is. */
  insights(of: { from: string; to: string; account: string }, signal?: AbortSignal): Promise<Insights> {
    return this.#ask('GET', '/api/insights', { query: of, signal })
  }

  threads(list: ListQuery, signal?: AbortSignal): Promise<ThreadPage> {
    return this.#ask('GET', '/api/threads', { query: { ...list }, signal })
  }

  thread(id: string, signal?: AbortSignal): Promise<ThreadDetail> {
    return this.#ask('GET', `/api/threads/${encodeURIComponent(id)}`, { signal })
  }

  messages(thread: string, spot: PageSpot, signal?: AbortSignal): Promise<MessagePage> {
    return this.#ask('GET', `/api/threads/${encodeURIComponent(thread)}/messages`, { query: { ...spot }, signal })
  }

  /** The messages of all threads of a person, as one. */
  personMessages(person: string, spot: PageSpot, signal?: AbortSignal): Promise<MessagePage> {
    return this.#ask('GET', `/api/people/${encodeURIComponent(person)}/messages`, { query: { ...spot }, signal })
  }

  /** On which days there are messages, of a thread or of a person. */
  days(
    of: { thread: string } | { person: string },
    span: { from: string; to: string; zone: string },
    signal?: AbortSignal,
  ): Promise<MessageDays> {
    const path = 'person' in of ? `people/${encodeURIComponent(of.person)}` : `threads/${encodeURIComponent(of.thread)}`
    return this.#ask('GET', `/api/${path}/days`, { query: span, signal })
  }

  /** Asks for a file: it is understood and counted, and nothing is written yet. */
  addExport(ask: ExportAsk): Promise<Exported> {
    return this.#ask('POST', '/api/exports', { body: ask })
  }

  exported(id: string): Promise<Exported> {
    return this.#ask('GET', `/api/exports/${encodeURIComponent(id)}`)
  }

  /** Stops it: nothing of it is left. */
  async dropExport(id: string): Promise<void> {
    await this.#ask('DELETE', `/api/exports/${encodeURIComponent(id)}`)
  }

  /** Where a browser downloads the file, once. */
  exportFile(id: string): string {
    return `/api/exports/${encodeURIComponent(id)}/file`
  }

  /** Where it downloads the checksum of a file that it has. */
  exportSum(id: string): string {
    return `/api/exports/${encodeURIComponent(id)}/sum`
  }

  /** Window only: asks where to save the file, and answers the place, "" for none. */
  async saveExport(id: string): Promise<string> {
    return (await this.#ask<{ path: string }>('POST', `/api/exports/${encodeURIComponent(id)}/save`)).path
  }

  /** Window only: asks where to save a chart's table, `address` being where a browser has it, and answers the place, "" for none. */
  async saveFigures(address: string): Promise<string> {
    return (await this.#ask<{ path: string }>('POST', address)).path
  }

  search(ask: SearchQuery, signal?: AbortSignal): Promise<Found> {
    return this.#ask('GET', '/api/search', { query: { limit: 20, ...ask }, signal })
  }

  /** What may stand where the caret is; `at` in UTF-16 units. */
  async complete(q: string, at: number, signal?: AbortSignal): Promise<Completion[]> {
    return (await this.#ask<{ items: Completion[] }>('GET', '/api/complete', { query: { q, at }, signal })).items
  }

  /** Asks for what is not here yet: of a thread, a person, an account, or of all. */
  async fetch(of: { account?: string; thread?: string; person?: string }): Promise<void> {
    await this.#ask('POST', '/api/fetch', { body: of })
  }

  async views(signal?: AbortSignal): Promise<SavedView[]> {
    return (await this.#ask<{ views: SavedView[] }>('GET', '/api/views', { signal })).views
  }

  saveView(view: Pick<SavedView, 'name' | 'query' | 'view'>): Promise<SavedView> {
    return this.#ask('POST', '/api/views', { body: view })
  }

  changeView(id: string, change: { name?: string; query?: string; position?: number }): Promise<SavedView> {
    return this.#ask('PATCH', `/api/views/${encodeURIComponent(id)}`, { body: change })
  }

  async dropView(id: string): Promise<void> {
    await this.#ask('DELETE', `/api/views/${encodeURIComponent(id)}`)
  }

  person(id: string, signal?: AbortSignal): Promise<PersonDetail> {
    return this.#ask('GET', `/api/people/${encodeURIComponent(id)}`, { signal })
  }

  /** The two are one person from now on. */
  join(person: string, other: string): Promise<Joined> {
    return this.#ask('POST', `/api/people/${encodeURIComponent(person)}/join`, { body: { with: other } })
  }

  /** The contact is somebody else from now on. */
  split(person: string, contact: string): Promise<Joined> {
    return this.#ask('POST', `/api/people/${encodeURIComponent(person)}/split`, { body: { contact } })
  }

  /** The two, who are not joined, are not one: neither is suggested to be the other any more. */
  apart(person: string, other: string): Promise<Joined> {
    return this.#ask('POST', `/api/people/${encodeURIComponent(person)}/apart`, { body: { with: other } })
  }

  /** What forgetting somebody would erase. */
  forgetPreview(person: string, signal?: AbortSignal): Promise<ForgetPreview> {
    return this.#ask('GET', `/api/people/${encodeURIComponent(person)}/forget`, { signal })
  }

  /** Erases somebody from every file. It answers when all is over, which may take minutes. */
  forget(person: string): Promise<Forgotten> {
    return this.#ask('POST', `/api/people/${encodeURIComponent(person)}/forget`, { body: { confirm: true } })
  }

  forgetProgress(): Promise<ForgetProgress> {
    return this.#ask('GET', '/api/forgetting')
  }

  /** Takes a join, a split or a keeping apart back. */
  async undoJoin(id: string): Promise<void> {
    await this.#ask('POST', `/api/joins/${encodeURIComponent(id)}/undo`)
  }

  /** Somebody looks at the thread: it counts as read, and its messages come first. */
  async open(thread: string): Promise<void> {
    await this.#ask('POST', `/api/threads/${encodeURIComponent(thread)}/open`)
  }

  /** The notes of a thread and of its person's others, and what is being written in it. */
  notes(thread: string, signal?: AbortSignal): Promise<{ notes: Note[]; draft: string }> {
    return this.#ask('GET', `/api/threads/${encodeURIComponent(thread)}/notes`, { signal })
  }

  /** Keeps a note, safe on disk once it answers; with its time it is one that was deleted. Asked again by the same `op` it makes no second one. */
  addNote(thread: string, note: { text: string; made_at?: string; op?: string }): Promise<Note> {
    return this.#ask('POST', `/api/threads/${encodeURIComponent(thread)}/notes`, { body: note })
  }

  /** @param outlive sends it even when the page is gone by then. */
  changeNote(id: string, text: string, outlive = false): Promise<Note> {
    return this.#ask('PATCH', `/api/notes/${encodeURIComponent(id)}`, { body: { text }, outlive })
  }

  /** Erases a note, and answers what it was. */
  dropNote(id: string): Promise<Note> {
    return this.#ask('DELETE', `/api/notes/${encodeURIComponent(id)}`)
  }

  /** Keeps what is being written in a thread; `outlive` as of a note. */
  async saveDraft(thread: string, text: string, outlive = false): Promise<void> {
    await this.#ask('PUT', `/api/threads/${encodeURIComponent(thread)}/draft`, { body: { text }, outlive })
  }

  addAccount(account: NewAccount): Promise<AddedAccount> {
    return this.#ask('POST', '/api/accounts', { body: account })
  }

  /** An account, with what would be lost with it. */
  account(name: string): Promise<AccountWhole> {
    return this.#ask('GET', `/api/accounts/${encodeURIComponent(name)}`)
  }

  async changeAccount(name: string, change: AccountChange): Promise<AccountState> {
    const path = `/api/accounts/${encodeURIComponent(name)}`
    return (await this.#ask<{ account: AccountState }>('PATCH', path, { body: change })).account
  }

  /** Has a new key checked, and kept in place of the old one. */
  rekeyAccount(name: string, key: string): Promise<AddedAccount> {
    return this.#ask('PUT', `/api/accounts/${encodeURIComponent(name)}/key`, { body: { key } })
  }

  /** @param waiting is how many changes that were not sent may be lost with it. */
  async removeAccount(name: string, waiting: number): Promise<void> {
    await this.#ask('DELETE', `/api/accounts/${encodeURIComponent(name)}`, { query: { waiting } })
  }

  /** What changed in a thread, newest first. */
  async history(thread: string, signal?: AbortSignal): Promise<Change[]> {
    const path = `/api/threads/${encodeURIComponent(thread)}/history`
    return (await this.#ask<{ changes: Change[] }>('GET', path, { query: { limit: 100 }, signal })).changes
  }

  /** What waits to be sent, oldest first, and then the last `done` that were. */
  outbox(done: number, signal?: AbortSignal): Promise<OutboxList> {
    return this.#ask('GET', '/api/outbox', { query: { done }, signal })
  }

  /** The agents that were seen in an account, newest first. */
  async agents(account: string, signal?: AbortSignal): Promise<Agent[]> {
    return (await this.#ask<{ agents: Agent[] }>('GET', '/api/agents', { query: { account }, signal })).agents
  }

  async runs(account: string, signal?: AbortSignal): Promise<Run[]> {
    const path = `/api/accounts/${encodeURIComponent(account)}/runs`
    return (await this.#ask<{ runs: Run[] }>('GET', path, { query: { limit: 50 }, signal })).runs
  }

  /** Asks for a change, safe on disk once it answers; by the same `op` it is made once. */
  change(threads: string[], wish: Wish, op: string, confirm: boolean): Promise<Changed> {
    return this.#ask('POST', '/api/changes', { body: { threads, op, ...wish, ...(confirm && { confirm }) } })
  }

  /** Counts what a change of many would do. */
  planAct(of: { threads: string[] } | Whole, wish: Wish): Promise<ActPreview> {
    return this.#ask('POST', '/api/acts/preview', { body: { ...of, ...wish } })
  }

  /** Makes the change that was counted, safe on disk once it answers; by the same `op` it is made once. */
  act(op: string, list: string, wish: Wish): Promise<Act> {
    return this.#ask('POST', '/api/acts', { body: { op, list, ...wish, confirm: true } })
  }

  /** How far a change of many is. */
  actState(op: string): Promise<Act> {
    return this.#ask('GET', `/api/acts/${encodeURIComponent(op)}`)
  }

  /** Takes a change back, each thread to what was shown of it before; again by the same `op` is no harm. */
  undoAct(op: string): Promise<Act> {
    return this.#ask('POST', `/api/acts/${encodeURIComponent(op)}/undo`)
  }

  /** Leaves threads out of the lists of work until a time, null for no longer; safe on disk once it answers. */
  async snooze(threads: string[], until: string | null): Promise<void> {
    await this.#ask('POST', '/api/snooze', { body: { threads, until } })
  }

  /** Keeps mine, or tries again now. */
  retry(entry: string): Promise<OutboxEntry> {
    return this.#ask('POST', `/api/outbox/${encodeURIComponent(entry)}/retry`)
  }

  /** Keeps theirs: the wish is given up. */
  async drop(entry: string): Promise<void> {
    await this.#ask('POST', `/api/outbox/${encodeURIComponent(entry)}/drop`)
  }

  /** Takes back: what was done by new entries, what still waits by dropping it. */
  async undo(ids: string[]): Promise<Undone> {
    return this.#ask<Undone>('POST', '/api/outbox/undo', { body: { ids } })
  }

  /** Gives an agent a name, or says that it is oneself. */
  async saveAgent(agent: { account: string; ref: string; name?: string; me?: boolean }): Promise<void> {
    await this.#ask('PATCH', '/api/agents', { body: agent })
  }

  /** Pauses an account, or lets it go on; kept over a restart. */
  async hold(account: string, held: boolean): Promise<void> {
    await this.#ask('POST', `/api/accounts/${encodeURIComponent(account)}/${held ? 'pause' : 'resume'}`)
  }

  async dismiss(notice: string): Promise<void> {
    await this.#ask('DELETE', `/api/notices/${encodeURIComponent(notice)}`)
  }

  async sync(account: string): Promise<void> {
    await this.#ask('POST', '/api/sync', { body: { account } })
  }

  /** Has everything of an account copied again; it goes on behind the answer. */
  async copyAgain(account: string): Promise<void> {
    await this.#ask('POST', '/api/sync', { body: { account, full: true } })
  }

  /** Opens a demo office beside this inbox; its link, or null where it has a window of its own. */
  async openDemo(): Promise<string | null> {
    const { url } = await this.#ask<{ url: string | null }>('POST', '/api/demo')
    return url
  }

  async tokens(signal?: AbortSignal): Promise<Token[]> {
    const { tokens } = await this.#ask<{ tokens: Token[] }>('GET', '/api/tokens', { signal })
    return tokens
  }

  /** Makes a token; its secret is in this answer and in no other. */
  addToken(token: NewToken): Promise<{ name: string; token: string }> {
    return this.#ask('POST', '/api/tokens', { body: token })
  }

  dropToken(name: string): Promise<void> {
    return this.#ask('DELETE', `/api/tokens/${encodeURIComponent(name)}`)
  }

  data(signal?: AbortSignal): Promise<ProfileData> {
    return this.#ask('GET', '/api/data', { signal })
  }

  /** Saves the profile in one file, which then waits to be fetched. To abort it is to stop it. */
  addBackup(wish: BackupWish, signal: AbortSignal): Promise<MadeBackup> {
    return this.#ask('POST', '/api/backups', { body: wish, signal })
  }

  backupProgress(): Promise<BackupProgress> {
    return this.#ask('GET', '/api/backups')
  }

  /** Where a browser downloads it, once. */
  backupFile(id: string): string {
    return `/api/backups/${encodeURIComponent(id)}/file`
  }

  /** Window only: asks where to save it, and answers the place, "" for none. */
  saveBackup(wish: BackupWish, signal: AbortSignal): Promise<PlacedBackup> {
    return this.#ask('POST', '/api/backups/save', { body: wish, signal })
  }

  /** Looks the profile over: it may take as long as reading all of it. */
  async doctor(): Promise<Finding[]> {
    const { findings } = await this.#ask<{ findings: Finding[] }>('GET', '/api/doctor')
    return findings
  }

  async diagnostics(): Promise<string> {
    const { text } = await this.#ask<{ text: string }>('GET', '/api/diagnostics')
    return text
  }

  /** The latest searches, newest first. */
  async recentSearches(): Promise<string[]> {
    const { recent_searches } = await this.#ask<{ recent_searches: string[] }>('GET', '/api/settings')
    return recent_searches
  }

  async saveRecentSearches(recent_searches: string[]): Promise<void> {
    await this.#ask('PATCH', '/api/settings', { body: { recent_searches } })
  }

  async notifications(): Promise<NotificationSettings> {
    const { notifications } = await this.#ask<{ notifications: NotificationSettings }>('GET', '/api/settings')
    return notifications
  }

  async saveNotifications(notifications: NotificationSettings): Promise<void> {
    await this.#ask('PATCH', '/api/settings', { body: { notifications } })
  }

  /** Has one shown as messages are told of. */
  async tryNotification(): Promise<void> {
    await this.#ask('POST', '/api/notifications/try')
  }

  async tellPresence(presence: Presence): Promise<void> {
    await this.#ask('PUT', '/api/presence', { body: presence })
  }

  async saveSettings(settings: Partial<Settings>): Promise<void> {
    await this.#ask('PATCH', '/api/settings', { body: settings })
  }

  async openLink(url: string): Promise<void> {
    await this.#ask('POST', '/api/links', { body: { url } })
  }

  async #ask<T>(method: string, path: string, ask: Ask = {}): Promise<T> {
    const answer = await this.#answer(method, path, ask)
    if (!answer.ok) {
      const error = await readError(answer)
      if (error.status === 401) this.onlocked()
      throw error
    }
    if (answer.status === 204 || answer.status === 202) return undefined as T
    return (await answer.json()) as T
  }

  async #answer(method: string, path: string, ask: Ask): Promise<Response> {
    const asked = address(path, ask.query)
    const foreseen = method === 'GET' ? this.#foreseen.get(asked) : undefined
    if (!foreseen) return request(method, path, ask)
    this.#foreseen.delete(asked)
    const answer = await foreseen
    ask.signal?.throwIfAborted()
    return answer
  }
}

function address(path: string, query: Query = {}): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') search.set(name, String(value))
  }
  return search.size > 0 ? `${path}?${search}` : path
}

async function request(method: string, path: string, { query, body, signal, outlive = false }: Ask): Promise<Response> {
  const init: RequestInit = {
    method,
    credentials: 'same-origin',
    cache: 'no-store',
    signal: signal ?? null,
    keepalive: outlive,
  }
  if (body !== undefined) {
    init.headers = { 'Content-Type': 'application/json' }
    init.body = JSON.stringify(body)
  }
  try {
    return await fetch(address(path, query), init)
  } catch (err) {
    if (aborted(err)) throw err
    throw new ApiError(0, 'unreachable', '')
  }
}

async function readError(answer: Response): Promise<ApiError> {
  try {
    const { error } = (await answer.json()) as { error?: { code?: string; message?: string } }
    return new ApiError(answer.status, error?.code ?? '', error?.message ?? '')
  } catch {
    return new ApiError(answer.status, '', '')
  }
}
