// What every suite that drives Chromium does with a page, and waits for.

/** Goes where a hash says; the page has heard of it. */
export const at = (page, hash) =>
  page.evaluate(
    (hash) =>
      new Promise((heard) => {
        if (new URL(hash, location.href).href === location.href) return heard()
        // The page's own listeners are older, and are told before.
        window.addEventListener('hashchange', () => heard(), { once: true })
        location.hash = hash
      }),
    hash,
  )

/** The hash as the page has it: page.url() hears of it later. */
export const hash = (page) => page.evaluate(() => location.hash)

/** What the search box shows is the answer to all that is typed into it. */
export const answered = (page) => page.waitForSelector('dialog [role=listbox][aria-busy=false]')

/**
 * Gives the page a function `frame` that waits until one was drawn. Where a
 * test sets the clock, requestAnimationFrame is a timer and draws nothing.
 */
export const withFrames = (page) =>
  page.evaluate(() => {
    globalThis.frame ??= () =>
      new Promise((drawn) => {
        const eye = new IntersectionObserver(() => {
          eye.disconnect()
          drawn()
        })
        eye.observe(document.documentElement)
      })
  })
