// The little that asks the server, before the screen's own code is there.
import { Api } from './api/api'
import { open } from './state/opening'

const api = new Api()
const opened = open(api)
const { show } = await import('./screen')
show(api, opened)
