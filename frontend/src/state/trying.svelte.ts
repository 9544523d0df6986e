import { ApiError, type Api } from '../api/api'

/** Opening the demo office from an inbox that has no account yet. */
export class Trying {
  #api: Api

  phase = $state<'' | 'opening' | 'window' | 'failed'>('')
  error = $state.raw<ApiError | null>(null)

  constructor(api: Api) {
    this.#api = api
  }

  /** Answers the link to go to, or null where there is none to go to. */
  async open(): Promise<string | null> {
    this.phase = 'opening'
    this.error = null
    try {
      const link = await this.#api.openDemo()
      this.phase = link === null ? 'window' : ''
      return link
    } catch (err) {
      this.error = err instanceof ApiError ? err : new ApiError(0, '', '')
      this.phase = 'failed'
      return null
    }
  }
}
