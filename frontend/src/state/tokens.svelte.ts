import { ApiError, type Api } from '../api/api'
import { Latest } from '../api/latest'
import type { Token } from '../api/types'

/** The fields that an error can belong to. */
const fields = ['name', 'scopes', 'accounts', 'expires_at'] as const
type TokenField = (typeof fields)[number]

/** How long a token may be good, in days; 0: until it is ended. */
export const lives = [0, 30, 90, 365] as const

/** Which conversations a token opens: each API its own platform's, all in both, or those of some accounts. */
export type Reach = 'own' | 'all' | 'some'

const dayMs = 86_400_000

/** The tokens of other programs: which there are, making one, ending one. */
export class Tokens {
  #api: Api
  #reads = new Latest()

  /** Those there are; null before they were asked for. */
  list = $state.raw<Token[] | null>(null)
  failed = $state(false)

  name = $state('')
  writes = $state(false)
  reach = $state<Reach>('own')
  accounts = $state.raw<string[]>([])
  life = $state<(typeof lives)[number]>(0)
  busy = $state(false)
  error = $state.raw<ApiError | null>(null)
  /** The one that was just made, with the secret that is shown this once. */
  made = $state.raw<{ name: string; token: string } | null>(null)

  /** The name of the one about which it is asked whether to end it, or "". */
  asking = $state('')

  constructor(api: Api) {
    this.#api = api
  }

  async read(): Promise<void> {
    const turn = this.#reads.begin()
    try {
      const list = await this.#api.tokens(turn.signal)
      if (!turn.fresh()) return
      this.list = list
      this.failed = false
    } catch {
      if (turn.fresh()) this.failed = true
    }
  }

  /** The field that the last error is about; "" for none of them. */
  get wrong(): TokenField | '' {
    const code = this.error?.code ?? ''
    return code === 'exists' ? 'name' : (fields.find((field) => field === code) ?? '')
  }

  choose(account: string, on: boolean): void {
    const others = this.accounts.filter((each) => each !== account)
    this.accounts = on ? [...others, account] : others
  }

  async make(now = Date.now()): Promise<void> {
    this.busy = true
    this.error = null
    this.made = null
    const { name, writes, reach, accounts, life } = this
    try {
      this.made = await this.#api.addToken({
        name: name.trim(),
        scopes: writes ? ['conversations:read', 'conversations:write'] : ['conversations:read'],
        accounts: reach === 'own' ? [] : reach === 'all' ? ['all'] : accounts,
        ...(life > 0 && { expires_at: new Date(now + life * dayMs).toISOString() }),
      })
      this.name = ''
    } catch (err) {
      this.error = err instanceof ApiError ? err : new ApiError(0, '', '')
    } finally {
      this.busy = false
    }
    await this.read()
  }

  /** Ends the token that is asked about. */
  async end(): Promise<void> {
    const name = this.asking
    this.asking = ''
    if (this.made?.name === name) this.made = null
    await this.#api.dropToken(name).catch((err: unknown) => {
      // Somebody else has ended it.
      if (!(err instanceof ApiError && err.status === 404)) this.failed = true
    })
    if (!this.failed) await this.read()
  }
}
