import type { Api } from '../api/api'

// What the server keeps of them.
const most = 10
const longest = 200

/** The latest searches that were used, newest first; the server keeps them. */
export class Recent {
  #api: Api
  #list = $state.raw<string[]>([])
  // Whether what was searched before is known: without it none of it is written over.
  #known: Promise<boolean> = Promise.resolve(false)
  #saved: Promise<void> = Promise.resolve()

  constructor(api: Api) {
    this.#api = api
  }

  get list(): string[] {
    return this.#list
  }

  /** Reads them: another window may have searched. */
  read(): void {
    this.#known = this.#read()
  }

  add(query: string): void {
    if ([...query].length > longest) return
    this.#saved = this.#change((list) => [query, ...list.filter((each) => each !== query)].slice(0, most))
  }

  clear(): void {
    this.#saved = this.#change(() => [])
  }

  async #read(): Promise<boolean> {
    await this.#saved
    try {
      this.#list = await this.#api.recentSearches()
      return true
    } catch {
      return false
    }
  }

  /** Changes them; where that fails they are as the server has them when they are read next. */
  async #change(change: (list: string[]) => string[]): Promise<void> {
    if (!(await this.#known)) return
    this.#list = change(this.#list)
    await this.#api.saveRecentSearches(this.#list).catch(() => undefined)
  }
}
