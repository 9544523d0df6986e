import type { Api } from '../api/api'
import type { Act, Wish } from '../api/types'
import type { Words } from '../words/words.svelte'
import { insist } from './insisting'

// How often a change of many is asked how far it is.
const followMs = 400

/** What became of an undo: how many are as before, and what is said of those that stay as they are. */
export interface TakenBack {
  undone: number
  stays: string
}

/** Changes that have a name: made once, followed to their end, taken back as a whole. */
export class Acts {
  #api: Api
  #words: Words

  constructor(api: Api, words: Words) {
    this.#api = api
    this.#words = words
  }

  /** Changes all of a list that was counted; tell is told how far it is. */
  async make(op: string, list: string, wish: Wish, tell: (act: Act) => void): Promise<Act> {
    return this.#follow(await insist(() => this.#api.act(op, list, wish)), tell)
  }

  /** Takes a change back. */
  async takeBack(op: string): Promise<TakenBack> {
    const act = await this.#follow(await insist(() => this.#api.undoAct(op)), () => undefined)
    const { t } = this.#words
    const moved = act.moved_on > 0 ? t('toast.moved_on', { count: act.moved_on }) : ''
    const final = act.irreversible > 0 ? t('toast.final', { count: act.irreversible }) : ''
    return { undone: act.undone, stays: [moved, final].filter((each) => each !== '').join(' · ') }
  }

  async #follow(act: Act, tell: (act: Act) => void): Promise<Act> {
    for (tell(act); act.state === 'doing' || act.state === 'undoing'; tell(act)) {
      await new Promise((resolve) => setTimeout(resolve, followMs))
      act = await insist(() => this.#api.actState(act.op))
    }
    return act
  }
}
