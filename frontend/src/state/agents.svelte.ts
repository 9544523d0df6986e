import type { Api } from '../api/api'
import type { Agent } from '../api/types'
import { agentName } from '../text/names'

/** Who was seen in each account, the names given to them here, and which is oneself. */
export class Agents {
  #api: Api
  #known = $state.raw<ReadonlyMap<string, Agent[]>>(new Map())

  constructor(api: Api) {
    this.#api = api
  }

  of(account: string): Agent[] {
    return this.#known.get(account) ?? []
  }

  me(account: string): Agent | undefined {
    return this.of(account).find((agent) => agent.me)
  }

  /** What to call an agent: at the least the beginning of its ref. */
  nameOf = (account: string, ref: string): string => this.name(account, ref) ?? ref.slice(0, 8)

  /** What to call an agent: the name given here, else what the ref says; null where it says nothing. */
  name(account: string, ref: string): string | null {
    const given = this.of(account).find((agent) => agent.ref === ref)?.name
    return given || agentName(ref)
  }

  async load(account: string): Promise<void> {
    try {
      const agents = await this.#api.agents(account)
      this.#known = new Map(this.#known).set(account, agents)
    } catch {
      // Those that are known stay; refs show as they are.
    }
  }

  /** Gives a name, or says who one is; painted at once, and taken back where it could not be kept. */
  async save(account: string, ref: string, change: { name?: string; me?: true }): Promise<boolean> {
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
      void this.load(account)
    }
  }
}
