import { aborted, ApiError, type Api } from '../api/api'
import { Latest } from '../api/latest'
import type { Note } from '../api/types'
import type { Words } from '../words/words.svelte'
import { Draft } from './draft.svelte'
import { madeUp } from './naming'
import type { Toasts } from './toast.svelte'

/** How many characters a note takes. */
export const longestNote = 10_000

/** The notes of the open thread's person, and what is being written in the thread. */
export class Notes {
  #api: Api
  #toasts: Toasts
  #words: Words
  #reads = new Latest()
  #thread = ''
  // The note that was asked for, until it is known to be kept.
  #asked: { thread: string; text: string; op: string } | null = null
  // Those that are not safe yet stay when another thread is opened.
  #drafts = new Map<string, Draft>()

  /** Of all threads of the person, oldest first. */
  list = $state.raw<Note[]>([])
  /** What is being written in the thread that is open; null where none is. */
  draft = $state.raw<Draft | null>(null)
  /** The note that is being changed, and what it says by now. */
  editing = $state<{ note: Note; text: string } | null>(null)
  /** A note is on its way. */
  busy = $state(false)
  /** Why a note was not kept, or "". */
  error = $state('')
  /** The box is asked for: it takes the focus once it is there. */
  wanted = $state(false)
  /** How many were kept from this page: the log goes to its end with each. */
  made = $state(0)

  constructor(api: Api, toasts: Toasts, words: Words) {
    this.#api = api
    this.#toasts = toasts
    this.#words = words
  }

  /** What is in the box: the draft, or the note that is being changed. */
  get text(): string {
    return this.editing?.text ?? this.draft?.text ?? ''
  }

  /** How many characters there are too many. */
  over: number = $derived(Math.max(0, [...this.text.trim()].length - longestNote))

  /** What is in the box can be kept as a note. */
  ready: boolean = $derived(!this.busy && this.over === 0 && this.text.trim() !== '')

  /** Shows those of a thread; "" shows none. What was being written in the one before is kept. */
  show(thread: string): void {
    if (thread === this.#thread) return
    this.#leaveEdit()
    void this.draft?.flush()
    for (const [id, draft] of this.#drafts) if (draft.safe) this.#drafts.delete(id)
    this.#thread = thread
    this.list = []
    this.error = ''
    this.#reads.cancel()
    this.draft = thread ? (this.#drafts.get(thread) ?? new Draft(this.#api, thread)) : null
    if (!this.draft) return
    this.#drafts.set(thread, this.draft)
    void this.refresh()
  }

  /** Reads them again. */
  async refresh(): Promise<void> {
    const { draft } = this
    if (!draft) return
    const turn = this.#reads.begin()
    const hear = draft.ask()
    try {
      const { notes, draft: kept } = await this.#api.notes(draft.thread, turn.signal)
      if (!turn.fresh()) return
      this.list = notes
      hear(kept)
    } catch (err) {
      // Those that are shown stay; the thread says what is wrong.
      if (!aborted(err) && turn.fresh()) setTimeout(() => turn.fresh() && void this.refresh(), 3000)
    }
  }

  /** Typing. */
  type(text: string): void {
    this.error = ''
    if (this.editing) this.editing.text = text
    else this.draft?.type(text)
  }

  /** Keeps what is in the box as a note, or as what the note says from now on. */
  async save(): Promise<void> {
    const { draft, editing } = this
    if (!draft || !this.ready) return
    this.busy = true
    this.error = ''
    try {
      if (editing) {
        await this.#api.changeNote(editing.note.id, editing.text)
        if (this.editing === editing) this.editing = null
      } else {
        const { text } = draft
        // One after the other: a draft that came after its note would be there again.
        await draft.flush()
        await this.#api.addNote(draft.thread, { text, op: this.#opOf(draft.thread, text) })
        this.#asked = null
        draft.spent(text)
        await this.refresh()
        this.made++
        return
      }
    } catch (err) {
      this.error = this.#reason(err)
    } finally {
      this.busy = false
    }
    await this.refresh()
    // Only the answer was lost: the note is there, and has spent the draft.
    if (!editing && draft.text === '') this.error = ''
  }

  /** What the asking for a note is called: the same again, where its answer was lost. */
  #opOf(thread: string, text: string): string {
    if (this.#asked?.thread !== thread || this.#asked.text !== text) this.#asked = { thread, text, op: madeUp() }
    return this.#asked.op
  }

  edit(note: Note): void {
    this.error = ''
    this.editing = { note, text: note.text }
    this.wanted = true
  }

  /** Leaves a note as it was. */
  cancel(): void {
    this.error = ''
    this.editing = null
  }

  /** Deletes a note, and offers to put it back. */
  async drop(note: Note): Promise<void> {
    if (this.editing?.note.id === note.id) this.editing = null
    this.list = this.list.filter((each) => each.id !== note.id)
    try {
      const { thread, text, made_at } = await this.#api.dropNote(note.id)
      const op = madeUp()
      const undo = () => this.#putBack(thread, { text, made_at, op })
      this.#toasts.show({ tone: 'done', text: () => this.#words.t('note.dropped'), undo })
    } catch (err) {
      this.#refused(err)
    }
    await this.refresh()
  }

  /** Sends what was typed once more when the page goes, by requests that outlive it; the returned func ends that. */
  listen(): () => void {
    const leave = () => {
      this.#leaveEdit(true)
      for (const draft of this.#drafts.values()) draft.leave()
    }
    window.addEventListener('pagehide', leave)
    return () => window.removeEventListener('pagehide', leave)
  }

  /** Puts a note back; false where it was not kept. */
  async #putBack(thread: string, note: { text: string; made_at: string; op: string }): Promise<boolean> {
    let kept = true
    // The same asking however often it is tried: an answer that was lost makes no second note.
    try {
      await this.#api.addNote(thread, note)
      this.#toasts.show({ tone: 'done', text: () => this.#words.t('note.put_back') })
    } catch (err) {
      kept = false
      this.#refused(err)
    }
    await this.refresh()
    return kept
  }

  /**
   * A note that was being changed is left with what it says by now; where that
   * is too long for one, it becomes part of the draft. Nothing typed is lost.
   */
  #leaveEdit(outlive = false): void {
    const { editing, draft, over } = this
    this.editing = null
    const text = editing?.text.trim() ?? ''
    if (!editing || text === '' || text === editing.note.text) return
    if (over > 0) draft?.type([draft.text, text].filter((each) => each !== '').join('\n'))
    else this.#api.changeNote(editing.note.id, text, outlive).catch((err: unknown) => this.#refused(err))
  }

  #refused(err: unknown): void {
    const text = this.#reason(err)
    this.#toasts.show({ tone: 'failed', text: () => text })
  }

  #reason(err: unknown): string {
    const { t } = this.#words
    const reason = err instanceof ApiError ? err.message : ''
    return t('note.failed', { reason: reason || t('status_line.lost') })
  }
}
