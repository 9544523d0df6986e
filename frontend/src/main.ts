import { mount } from 'svelte'
import App from './App.svelte'
import './app.css'
import { Desk } from './state/desk.svelte'

const target = document.getElementById('screen')
if (target) mount(App, { target, props: { desk: new Desk() } })
