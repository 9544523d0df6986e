import { ApiError, type Api } from '../api/api'
import type { AccountChange, AccountState } from '../api/types'
import { regions } from '../text/regions'

/** What a person chose for an account, while it is being changed. */
export class Editing {
  #api: Api
  #was = $state.raw<AccountState>() as AccountState

  region = $state('')
  area = $state('')
  zone = $state('')
  baseUrl = $state('')
  rate = $state('')
  busy = $state(false)
  saved = $state(false)
  error = $state.raw<ApiError | null>(null)

  constructor(api: Api, account: AccountState) {
    this.#api = api
    this.#fill(account)
  }

  /** What differs from what is kept: only that is sent. */
  change: AccountChange = $derived.by(() => {
    const was = this.#was
    // What is no number is for the server to refuse, in words.
    const rate = Number(this.rate.trim().replace(',', '.')) || 0
    return {
      ...(this.region !== was.region && { region: this.region }),
      ...(this.area.trim() !== was.area && { area: this.area.trim() }),
      ...(this.zone.trim() !== was.zone && { zone: this.zone.trim() }),
      ...(this.baseUrl.trim() !== was.base_url && { base_url: this.baseUrl.trim() }),
      ...(rate !== was.rate && { rate }),
    }
  })

  changed: boolean = $derived(Object.keys(this.change).length > 0)

  /** Chooses how national numbers are read; the zone and the area that go with it are guessed anew. */
  chooseRegion(region: string): void {
    const was = this.#was
    this.region = region
    this.area = region === was.region ? was.area : ''
    this.zone = region === was.region ? was.zone : (regions[region] ?? this.zone)
  }

  /** Keeps what was changed; false where it could not be, and `error` says why. */
  async save(): Promise<boolean> {
    this.busy = true
    this.saved = false
    this.error = null
    try {
      this.#fill(await this.#api.changeAccount(this.#was.name, this.change))
      this.saved = true
    } catch (err) {
      this.error = err instanceof ApiError ? err : new ApiError(0, '', '')
    } finally {
      this.busy = false
    }
    return this.saved
  }

  #fill(account: AccountState): void {
    this.#was = account
    this.region = account.region
    this.area = account.area
    this.zone = account.zone
    this.baseUrl = account.base_url
    this.rate = String(account.rate)
  }
}
