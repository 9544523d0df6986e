import type { Api } from '../api/api'
import type { Agent } from '../api/types'
import { agentName } from '../text/names'

/** Who was seen in each account, the names given to them here, and which is oneself. */
export class Agents {
  #api: Api
  #known = $state.raw<ReadonlyMap<string, Agent[]>>(new Map())

  /** The account in which it is asked who one is, or "". */
  asking = $state('')

  constructor(api: Api) {
    this.#api = api
  }

  of(account: string): Agent[] {
    return this.#known.get(account) ?? []
  }

  /** Reports whether who was seen in an account has been read. */
  knows(account: string): boolean {
    return this.#known.has(account)
  }

  me(account: string): Agent | undefined {
    return this.of(account).find((agent) => agent.me)
  }

  /** Reports whether it was asked who one is in an account, and nobody has said. */
  unsaid(account: string): boolean {
    return this.#known.has(account) && !this.me(account)
  }

  /** What to call an agent: at the least the beginning of its ref. */
  nameOf = (account: string, ref: string): string => this.name(account, ref) ?? ref.slice(0, 8)

  /** What to call an agent: the name given here, else what the ref says; null where it says nothing. */
  name(account: string, ref: string): string | null {
    const given = this.of(account).find((agent) => agent.ref === ref)?.name
    return given || agentName(ref)
  }

  /** Answers who one is in the account that was asked about; false where that was not kept. */
  async iAm(ref: string): Promise<boolean> {
    const kept = await this.save(this.asking, ref, { me: true })
    if (kept) this.asking = ''
    return kept
  }

  async load(account: string): Promise<void> {
    try {
      const agents = await this.#api.agents(account)
      this.#known = new Map(this.#known).set(account, agents)
    } catch {
      // Those that are known stay; refs show as they are.
    }
  }

  /** Reads again what is known of every account. */
  async reload(): Promise<void> {
    await Promise.all([...this.#known.keys()].map((account) => this.load(account)))
  }

  /** Gives a name, or says who one is; painted at once, and taken back where it could not be kept. */
  async save(account: string, ref: string, change: { name?: string; me?: boolean }): Promise<boolean> {
    const before = this.#known
    const there = this.of(account).filter((agent) => agent.ref !== ref)
    const agent = this.of(account).find((each) => each.ref === ref) ?? { ref, name: '', me: false }
    const others = change.me ? there.map((each) => ({ ...each, me: false })) : there
    this.#known = new Map(before).set(account, [{ ...agent, ...change }, ...others])
    try {
      await this.#api.saveAgent({ account, ref, ...change })
      return true
    } catch {
      this.#known = before
      return false
    } finally {
      // A name may join refs of several accounts, and say who one is there.
      await this.reload()
    }
  }
}
