// What looks at a page from inside while it is measured. `eye` is put into
// every page before its own scripts.

/** Makes globalThis.eye, which says when something was painted, and what was answered. */
export function eye() {
  const eye = {
    /** The newest answers: of searches by their text, of threads by their id. */
    searched: null,
    newest: new Map(),
    /** When the last key was pressed, or the last button, by the clock of the page. */
    pressed: 0,
    /** Settles with the moment at which a frame with it was painted. */
    painted(holds) {
      return new Promise((resolve) => {
        const look = () => {
          if (!holds()) return void requestAnimationFrame(look)
          // The frame is drawn after this callback, and before the next task.
          const { port1, port2 } = new MessageChannel()
          port1.onmessage = () => resolve(performance.now())
          port2.postMessage(0)
        }
        requestAnimationFrame(look)
      })
    },
    /** The thread is on screen, at its end. */
    atEnd(thread) {
      const newest = eye.newest.get(thread)
      const log = document.querySelector('[role=log]')
      if (newest === undefined || !log || !location.hash.includes(thread)) return false
      const last = log.querySelector(`[data-message="${CSS.escape(newest)}"]`)
      if (!last || log.scrollHeight - log.clientHeight - log.scrollTop > 2) return false
      const { top, bottom } = last.getBoundingClientRect()
      const pane = log.getBoundingClientRect()
      // Drawn where it can be seen, not only somewhere.
      return bottom <= pane.bottom + 1 && bottom > pane.top && top < pane.bottom
    },
    /** Gathers the times of frames until it is called again. */
    frames() {
      const times = []
      let on = true
      const next = (time) => {
        times.push(time)
        if (on) requestAnimationFrame(next)
      }
      requestAnimationFrame(next)
      return () => ((on = false), times)
    },
  }
  globalThis.eye = eye
  eye.first = eye.painted(() => document.querySelector('[role=option]'))
  addEventListener('keydown', (event) => (eye.pressed = event.timeStamp), true)

  const { fetch } = globalThis
  globalThis.fetch = async (...asked) => {
    const answer = await fetch(...asked)
    const url = new URL(asked[0], location.href)
    const json = answer.json.bind(answer)
    answer.json = async () => {
      const value = await json()
      if (url.pathname === '/api/search') eye.searched = url.searchParams.get('q') ?? ''
      const thread = /^\/api\/threads\/([^/]+)\/messages$/.exec(url.pathname)?.[1]
      if (thread && !url.searchParams.has('before')) eye.newest.set(thread, value.messages.at(-1)?.message)
      return value
    }
    return answer
  }
}
