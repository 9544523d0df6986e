import { ApiError, type Api } from '../api/api'
import type { AddedAccount } from '../api/types'

// The key can be sent once more as it is: nobody has judged it.
const unjudged = ['unreachable', 'limited', 'failing', 'keychain', '']

/** Giving an account a new key. */
export class Rekeying {
  #api: Api
  #account: string

  key = $state('')
  busy = $state(false)
  error = $state.raw<ApiError | null>(null)
  /** What the new key reaches, once it has taken the old one's place. */
  found = $state.raw<AddedAccount | null>(null)

  constructor(api: Api, account: string) {
    this.#api = api
    this.#account = account
  }

  /** Has the key checked and kept; false where it was not, and the old one stays. */
  async submit(): Promise<boolean> {
    this.busy = true
    this.error = null
    this.found = null
    try {
      this.found = await this.#api.rekeyAccount(this.#account, this.key.trim())
    } catch (err) {
      this.error = err instanceof ApiError ? err : new ApiError(0, '', '')
    } finally {
      this.busy = false
    }
    // Kept in no field once it has done its work, or cannot.
    if (!this.error || !unjudged.includes(this.error.code)) this.key = ''
    return this.found !== null
  }
}
