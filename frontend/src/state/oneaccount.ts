import type { Api } from '../api/api'
import type { AccountState } from '../api/types'
import { Editing } from './editing.svelte'
import { Rekeying } from './rekeying.svelte'
import { Removing } from './removing.svelte'
import { Runs } from './runs.svelte'

/** The account whose page is open, and what is being done to it there. */
export class OneAccount {
  readonly name: string
  readonly editing: Editing
  readonly rekeying: Rekeying
  readonly removing: Removing
  readonly runs: Runs

  constructor(api: Api, account: AccountState) {
    this.name = account.name
    this.editing = new Editing(api, account)
    this.rekeying = new Rekeying(api, account.name)
    this.removing = new Removing(api, account.name)
    this.runs = new Runs(api)
    void this.runs.read(account.name, true)
  }
}
