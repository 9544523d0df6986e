import { ApiError, type Api } from '../api/api'
import { Latest } from '../api/latest'
import type { Finding, ProfileData } from '../api/types'

/** Where the profile lies and how big it is, and copying an account again. */
export class Data {
  #api: Api
  #reads = new Latest()

  /** What was measured last; null before anything was. */
  profile = $state.raw<ProfileData | null>(null)
  failed = $state(false)
  /** The account about which it is asked whether to copy it again, or "". */
  asking = $state('')
  /** The account that was asked to be copied again last, or "". */
  begun = $state('')
  error = $state.raw<ApiError | null>(null)
  /** What a look over the profile found last; null before there was one. */
  findings = $state.raw<Finding[] | null>(null)
  /** A text of that for whoever helps, without anything personal. */
  diagnostics = $state('')
  examining = $state(false)
  doctorFailed = $state(false)

  constructor(api: Api) {
    this.#api = api
  }

  async measure(): Promise<void> {
    const turn = this.#reads.begin()
    try {
      const profile = await this.#api.data(turn.signal)
      if (!turn.fresh()) return
      this.profile = profile
      this.failed = false
    } catch {
      if (turn.fresh()) this.failed = true
    }
  }

  /** Has everything of the account that is asked about copied again. */
  async copyAgain(): Promise<void> {
    const account = this.asking
    this.asking = ''
    this.begun = ''
    this.error = null
    try {
      await this.#api.copyAgain(account)
      this.begun = account
    } catch (err) {
      this.error = err instanceof ApiError ? err : new ApiError(0, '', '')
    }
  }

  /** Looks the profile over, which may take a while. */
  async examine(): Promise<void> {
    if (this.examining) return
    this.examining = true
    this.doctorFailed = false
    try {
      this.findings = await this.#api.doctor()
      this.diagnostics = await this.#api.diagnostics()
    } catch {
      this.doctorFailed = true
    } finally {
      this.examining = false
    }
  }
}
