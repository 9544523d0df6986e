import { aborted, ApiError, type Api } from '../api/api'
import { download } from '../api/download'
import { follow } from '../api/follow'
import type { BackupProgress, BackupWish } from '../api/types'

/** A backup that was made and checked: where it lies, or what the browser is downloading. */
export interface SavedBackup {
  path: string
  name: string
  bytes: number
  protected: boolean
}

/** Saving the profile in one file. It goes on while other pages are looked at. */
export class Backup {
  #api: Api
  #native: () => boolean
  #asking: AbortController | null = null

  withCache = $state(false)
  passphrase = $state('')
  again = $state('')
  /** The two are not the same. */
  differ = $state(false)
  busy = $state(false)
  /** How far it is; null before anything is known of that. */
  progress = $state.raw<BackupProgress | null>(null)
  cancelled = $state(false)
  saved = $state.raw<SavedBackup | null>(null)
  error = $state.raw<ApiError | null>(null)

  constructor(api: Api, native: () => boolean) {
    this.#api = api
    this.#native = native
  }

  /** Saves it: the window asks for a place, a browser downloads. */
  async save(): Promise<void> {
    if (this.busy) return
    this.#forget()
    this.differ = this.passphrase !== this.again
    if (this.differ) return
    const asking = new AbortController()
    const wish = { with_cache: this.withCache, passphrase: this.passphrase }
    this.#asking = asking
    this.busy = true
    const end = follow(
      () => this.#api.backupProgress(),
      (now) => (this.progress = now),
    )
    try {
      this.saved = await (this.#native() ? this.#intoPlace(wish, asking.signal) : this.#download(wish, asking.signal))
      // In no field once it has done its work.
      if (this.saved) this.passphrase = this.again = ''
    } catch (err) {
      if (aborted(err)) this.cancelled = true
      else this.error = err instanceof ApiError ? err : new ApiError(0, '', '')
    } finally {
      end()
      this.busy = false
      this.progress = null
    }
  }

  /** Ends it: nothing of it is left. */
  cancel(): void {
    this.#asking?.abort()
  }

  /** Nobody looks at it any longer: no passphrase is kept for them, nor what has been said. */
  leave(): void {
    if (this.busy) return
    this.#forget()
    this.differ = false
    this.passphrase = this.again = ''
  }

  #forget(): void {
    this.cancelled = false
    this.saved = null
    this.error = null
  }

  async #intoPlace(wish: BackupWish, signal: AbortSignal): Promise<SavedBackup | null> {
    const placed = await this.#api.saveBackup(wish, signal)
    return placed.path === '' ? null : { ...placed, name: '' }
  }

  async #download(wish: BackupWish, signal: AbortSignal): Promise<SavedBackup> {
    const made = await this.#api.addBackup(wish, signal)
    download(this.#api.backupFile(made.id))
    return { ...made, path: '' }
  }
}
