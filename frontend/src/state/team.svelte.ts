import type { Agent, Provider } from '../api/types'
import { agentName } from '../text/names'
import type { Agents } from './agents.svelte'
import { fold } from './menu'

/** How an account calls one of the team. */
export interface Ref {
  account: string
  provider: Provider
  ref: string
}

/** One of the team, by all the refs that are said to be theirs. */
export interface Human {
  key: string
  /** The name given here, or "". */
  name: string
  me: boolean
  refs: Ref[]
}

interface Account {
  name: string
  provider: Provider
}

type Known = Pick<Agents, 'of' | 'knows' | 'save'>

/** The team: who is who over the accounts, and what they are called here. */
export class Team {
  #agents: Known
  #accounts: () => readonly Account[]
  // The place of each ref, kept while the page is open: a name that is being
  // written moves nobody.
  #places = new Map<string, number>()

  filter = $state('')
  /** What could not be kept: the key of whom it is about, or "". */
  failed = $state('')

  constructor(agents: Known, accounts: () => readonly Account[]) {
    this.#agents = agents
    this.#accounts = accounts
  }

  /** Everybody: refs of one name are one human, and so are those that are oneself without a name. */
  all: Human[] = $derived.by(() => {
    const humans = new Map<string, Human>()
    for (const { account, provider, agent } of this.#refs()) {
      const own = `${account}/${agent.ref}`
      const same = agent.name ? `name ${agent.name}` : agent.me ? 'me' : `ref ${own}`
      const human = humans.get(same) ?? { key: own, name: agent.name, me: false, refs: [] }
      human.refs.push({ account, provider, ref: agent.ref })
      human.me ||= agent.me
      humans.set(same, human)
    }
    return [...humans.values()]
  })

  /** Those whose name, refs or accounts hold all the words of the filter. */
  found: Human[] = $derived.by(() => {
    const wanted = fold(this.filter).split(/\s+/u).filter(Boolean)
    if (wanted.length === 0) return this.all
    return this.all.filter(({ name, refs }) => {
      const text = fold([name, ...refs.flatMap(({ account, ref }) => [account, ref])].join(' '))
      return wanted.every((each) => text.includes(each))
    })
  })

  /** The names that were given, to be given again to another ref of the same human. */
  names: string[] = $derived([...new Set(this.all.map(({ name }) => name).filter(Boolean))].sort())

  /** Names a human: every ref of theirs; "" takes the name away. */
  async rename(human: Human, name: string): Promise<void> {
    if (name !== human.name) await this.#save(human, human.refs, { name })
  }

  /** Says that a ref is somebody else's: it has no name any more. */
  async part(human: Human, ref: Ref): Promise<void> {
    await this.#save(human, [ref], { name: '' })
  }

  /** Says whether a human is oneself, in every account that knows them. */
  async mine(human: Human, me: boolean): Promise<void> {
    await this.#save(human, human.name ? human.refs.slice(0, 1) : human.refs, { me })
  }

  async #save(human: Human, refs: readonly Ref[], change: { name?: string; me?: boolean }): Promise<void> {
    this.failed = ''
    for (const { account, ref } of refs) {
      if (await this.#agents.save(account, ref, change)) continue
      this.failed = human.key
      return
    }
  }

  /** All refs, at the places that they had; those that are new in the order in which one looks for them. */
  #refs(): { account: string; provider: Provider; agent: Agent }[] {
    const refs = this.#accounts().flatMap(({ name, provider }) =>
      this.#agents.of(name).map((agent) => ({ account: name, provider, agent })),
    )
    const keyOf = ({ account, agent }: (typeof refs)[number]) => `${account}/${agent.ref}`
    const called = ({ agent }: (typeof refs)[number]) => agent.name || agentName(agent.ref) || ''
    // Nobody has a place before all are there to be sorted.
    const settled = this.#accounts().every(({ name }) => this.#agents.knows(name))
    if (!settled) this.#places.clear()
    const fresh = refs.filter((each) => !this.#places.has(keyOf(each)))
    fresh.sort(
      (a, b) =>
        Number(b.agent.me) - Number(a.agent.me) ||
        Number(called(b) !== '') - Number(called(a) !== '') ||
        called(a).localeCompare(called(b)),
    )
    for (const each of fresh) this.#places.set(keyOf(each), this.#places.size)
    return refs.sort((a, b) => (this.#places.get(keyOf(a)) ?? 0) - (this.#places.get(keyOf(b)) ?? 0))
  }
}
