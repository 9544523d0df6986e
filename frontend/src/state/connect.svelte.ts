import { ApiError, type Api } from '../api/api'
import type { AddedAccount, NewAccount, Provider, State } from '../api/types'
import { regions } from '../text/regions'

/** The fields an error can belong to. */
export type Field = 'name' | 'key' | 'base_url' | 'region' | 'area' | 'zone' | 'rate'
const fields: readonly Field[] = ['name', 'key', 'base_url', 'region', 'area', 'zone', 'rate']

/** Which field an error's code belongs to; "" for the form as a whole. */
export function fieldOf(code: string): Field | '' {
  if (code === 'exists') return 'name'
  if (code === 'refused') return 'key'
  if (code === 'not_api') return 'base_url'
  return fields.find((field) => field === code) ?? ''
}

/** Connecting an account: the form, what went wrong, what was found. */
export class Connect {
  #api: Api

  name = $state('')
  key = $state('')
  baseUrl = $state('')
  region = $state('')
  area = $state('')
  zone = $state('')
  busy = $state(false)
  error = $state.raw<ApiError | null>(null)
  added = $state.raw<AddedAccount | null>(null)

  constructor(api: Api, defaults: State['defaults']) {
    this.#api = api
    this.region = defaults.region
    this.area = defaults.area
    this.zone = defaults.zone
  }

  /** Chooses how national numbers are read; the zone and the area that go with it are guessed anew. */
  chooseRegion(region: string, defaults: State['defaults']): void {
    this.region = region
    this.area = region === defaults.region ? defaults.area : ''
    this.zone = region === defaults.region ? defaults.zone : (regions[region] ?? this.zone)
  }

  async submit(provider: Provider): Promise<void> {
    this.busy = true
    this.error = null
    const account: NewAccount = {
      provider,
      name: this.name.trim(),
      key: this.key.trim(),
      base_url: this.baseUrl.trim(),
      region: this.region,
      area: this.area.trim(),
      zone: this.zone.trim(),
    }
    try {
      this.added = await this.#api.addAccount(account)
      // Kept in no field once it has done its work.
      this.key = ''
    } catch (err) {
      this.error = err instanceof ApiError ? err : new ApiError(0, '', '')
    } finally {
      this.busy = false
    }
  }
}
