import { mount } from 'svelte'
import type { Api } from './api/api'
import App from './App.svelte'
import './app.css'
import { Desk } from './state/desk.svelte'

/** Draws the screen, once the page has entered. */
export function show(api: Api, opened: Promise<void>): void {
  const target = document.getElementById('screen')
  if (target) mount(App, { target, props: { desk: new Desk(api, opened) } })
}
