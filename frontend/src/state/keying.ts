import { viewOf, type Command } from './commandtable'
import type { Desk } from './desk.svelte'
import { focusOf, Keys } from './keys'
import { copyLinks } from './linking'

// What a key does on every page.
const everywhere: readonly Command[] = ['back', 'search', 'help', 'tray', 'insights', 'settings']

// What takes rows out of a list, and the next under the keys.
const changing: readonly Command[] = ['resolve', 'reopen', 'mine', 'unassign', 'snooze', 'undo']

/** Keys that are pressed, and doing what they ask. */
export class Keying {
  #desk: Desk
  #keys: Keys

  constructor(desk: Desk) {
    this.#desk = desk
    this.#keys = new Keys(() => desk.keys.bound)
  }

  /** Handles a key; true when it was ours. */
  press(event: KeyboardEvent): boolean {
    const command = this.#keys.read(event, focusOf(event.target))
    // A key that is held does not change one row after another.
    if (event.repeat && command !== null && changing.includes(command)) return true
    return command !== null && this.run(command)
  }

  /** The words of the thread; the browser's own search where that has the focus already, or a dialog is over it. */
  #find(): boolean {
    const { find } = this.#desk
    if (document.querySelector('dialog[open]') || document.activeElement?.closest('search')) return false
    return find.open()
  }

  /** Does what a key asks for; false when there is nothing to do. */
  run(command: Command): boolean {
    const desk = this.#desk
    const { inbox, thread, notes } = desk
    const { place } = desk.route
    const view = viewOf(command)
    // What is out of sight is taken back where its toast still tells of it.
    if (command === 'undo') return (place.page === 'inbox' || !!desk.toasts.shown?.undo) && desk.toasts.undo()
    // What is done to threads is done where they are in sight.
    if (place.page !== 'inbox' && !everywhere.includes(command) && !view) return false
    const narrow = matchMedia('(max-width: 900px)').matches
    if (desk.acting.run(command, narrow)) return true
    if (view) {
      desk.showView(view, place.account)
      return true
    }
    switch (command) {
      case 'down':
      case 'up':
        return inbox.move(command === 'down' ? 1 : -1, place.thread) !== undefined
      case 'open':
        return inbox.active !== '' && desk.openThread(inbox.active)
      case 'next':
      case 'previous': {
        const row = inbox.move(command === 'next' ? 1 : -1, place.thread)
        return row !== undefined && desk.openThread(row.thread)
      }
      case 'back':
        return desk.goBack()
      case 'copy_link':
        return copyLinks(desk.acting.meant(narrow), desk.toasts, desk.words)
      case 'search':
        desk.finding.open()
        return true
      case 'find':
        return this.#find()
      case 'help':
        desk.help = true
        return true
      case 'tray':
        desk.showTray()
        return true
      case 'insights':
        desk.showInsights()
        return true
      case 'settings':
        desk.settings.show()
        return true
      case 'note': {
        const id = thread.id || inbox.active
        if (id !== thread.id) desk.openThread(id)
        return (notes.wanted = id !== '')
      }
      default:
        return false
    }
  }
}
