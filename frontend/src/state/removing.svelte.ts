import { ApiError, type Api } from '../api/api'
import type { AccountWhole } from '../api/types'

/** Removing an account: what would be lost is said first, and nobody is asked twice for the same. */
export class Removing {
  #api: Api
  #account: string

  /** What would be lost, while it is asked whether to remove the account. */
  question = $state.raw<AccountWhole | null>(null)
  busy = $state(false)
  error = $state.raw<ApiError | null>(null)

  constructor(api: Api, account: string) {
    this.#api = api
    this.#account = account
  }

  async ask(): Promise<void> {
    this.busy = true
    this.error = null
    try {
      this.question = await this.#api.account(this.#account)
    } catch (err) {
      this.error = err instanceof ApiError ? err : new ApiError(0, '', '')
    } finally {
      this.busy = false
    }
  }

  cancel(): void {
    this.question = null
  }

  /** Removes it with no more than what was said; false where it is still there. */
  async accept(): Promise<boolean> {
    const waiting = this.question?.waiting.count ?? 0
    this.question = null
    this.busy = true
    this.error = null
    try {
      await this.#api.removeAccount(this.#account, waiting)
      return true
    } catch (err) {
      this.error = err instanceof ApiError ? err : new ApiError(0, '', '')
      return false
    } finally {
      this.busy = false
    }
  }
}
