// What a script can measure of a page that is shown. Each runs in the page.

/**
 * Text that is cut where nothing says so: by a box without an ellipsis, by the
 * window, or, of the interface's own words, by an ellipsis without a title.
 *
 * @param ours the mark that the interface's own words begin with, or null
 */
export function cutTexts(ours) {
  const found = new Set()
  const modal = document.querySelector('dialog:modal')
  const walk = document.createTreeWalker(modal ?? document.body, NodeFilter.SHOW_TEXT)
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const text = node.textContent.trim()
    const box = node.parentElement
    if (
      !/\p{L}/u.test(text) ||
      box.closest('.hidden, script, style, svg, option') ||
      !box.checkVisibility({ visibilityProperty: true })
    )
      continue
    const range = document.createRange()
    range.selectNodeContents(node)
    for (const rect of range.getClientRects()) {
      if (rect.width < 1 || rect.height < 1) continue
      const why = cut(box, rect, text)
      if (why) found.add(`${why}: “${text.slice(0, 60)}” in ${name(box)}`)
    }
  }
  return [...found]

  function cut(box, rect, text) {
    for (let at = box; at && at !== document.documentElement; at = at.parentElement) {
      const style = getComputedStyle(at)
      if (/auto|scroll/.test(style.overflowX + style.overflowY) && at.scrollWidth - at.clientWidth <= 1) return null
      if (/auto|scroll/.test(style.overflowX)) return scrolls(at) ? null : `scrolls sideways ${name(at)}`
      const hides = /hidden|clip/.test(style.overflowX)
      if (!hides) continue
      const frame = at.getBoundingClientRect()
      if (rect.right <= frame.right + 1 && rect.left >= frame.left - 1) continue
      if (style.textOverflow !== 'ellipsis' && style.webkitLineClamp === 'none') return `cut by ${name(at)}`
      return ours && text.startsWith(ours) && !box.closest('[title]') ? 'an ellipsis without a title' : null
    }
    return rect.right > innerWidth + 1 || rect.left < -1 ? 'outside the window' : null
  }

  function scrolls(at) {
    return at.tabIndex >= 0 || at.querySelector('a, button, input') !== null
  }

  function name(at) {
    const parents = []
    for (let e = at; e && parents.length < 3; e = e.parentElement)
      parents.unshift(
        e.tagName.toLowerCase() +
          [...e.classList]
            .filter((c) => !c.startsWith('svelte-'))
            .map((c) => `.${c}`)
            .join(''),
      )
    return parents.join(' > ')
  }
}

/** What is pressed and lies over, or beyond, something else: pairs that overlap, and controls outside the window that nothing scrolls to. */
export function collisions() {
  const controls = 'button, a[href], input, select, textarea, [role=option], [role=menuitem], [role=switch]'
  const modal = document.querySelector('dialog:modal')
  const layerOf = (e) => e.closest('dialog, [popover], [role=menu], .menu, .toast') ?? document.body
  const shown = [...(modal ?? document.body).querySelectorAll(controls)].filter(
    (e) =>
      e.checkVisibility({ visibilityProperty: true }) && !e.closest('.hidden') && e.getBoundingClientRect().width > 1,
  )
  const found = new Set()
  const boxes = shown.map((e) => ({ e, layer: layerOf(e), rect: visible(e) })).filter(({ rect }) => rect)
  for (const [i, a] of boxes.entries())
    for (const b of boxes.slice(i + 1)) {
      if (a.layer !== b.layer || a.e.contains(b.e) || b.e.contains(a.e)) continue
      const across = Math.min(a.rect.right, b.rect.right) - Math.max(a.rect.left, b.rect.left)
      const down = Math.min(a.rect.bottom, b.rect.bottom) - Math.max(a.rect.top, b.rect.top)
      if (across > 2 && down > 2 && !(reached(a) && reached(b))) found.add(`${name(a.e)} over ${name(b.e)}`)
    }
  for (const e of shown) {
    const rect = e.getBoundingClientRect()
    if ((rect.right > innerWidth + 1 || rect.left < -1) && !scrolled(e)) found.add(`${name(e)} is outside the window`)
  }
  return [...found]

  /** Whether its middle is its own: a row that is pressed may have a button of its own on it. */
  function reached({ e, rect }) {
    const at = document.elementFromPoint((rect.left + rect.right) / 2, (rect.top + rect.bottom) / 2)
    return at !== null && (e.contains(at) || at.contains(e))
  }

  /** What is left of a box after all that clips it. */
  function visible(e) {
    let { left, top, right, bottom } = e.getBoundingClientRect()
    for (let at = e.parentElement; at; at = at.parentElement) {
      if (!/hidden|clip|auto|scroll/.test(getComputedStyle(at).overflow)) continue
      const frame = at.getBoundingClientRect()
      left = Math.max(left, frame.left)
      top = Math.max(top, frame.top)
      right = Math.min(right, frame.right)
      bottom = Math.min(bottom, frame.bottom)
    }
    return right - left > 1 && bottom - top > 1 ? { left, top, right, bottom } : null
  }

  function scrolled(e) {
    for (let at = e.parentElement; at; at = at.parentElement)
      if (/auto|scroll/.test(getComputedStyle(at).overflowX) && at.scrollWidth > at.clientWidth) return true
    return false
  }

  function name(e) {
    return `${e.tagName.toLowerCase()} “${(e.getAttribute('aria-label') ?? e.textContent).trim().slice(0, 40)}”`
  }
}

/** What scrolls sideways and is no table. */
export function sideways() {
  const found = []
  for (const e of document.querySelectorAll('*')) {
    if (e.scrollWidth - e.clientWidth <= 1 || e.clientWidth === 0 || e.querySelector('table, pre')) continue
    if (e === document.documentElement || /auto|scroll/.test(getComputedStyle(e).overflowX))
      found.push(`${e.tagName.toLowerCase()}.${e.className} by ${e.scrollWidth - e.clientWidth} px`)
  }
  return found
}

/** Controls smaller than 24 px either way, but links within a sentence and what a larger label presses. */
export function smallTargets() {
  const modal = document.querySelector('dialog:modal')
  const found = new Set()
  for (const e of (modal ?? document.body).querySelectorAll(
    'button, a[href], input, select, textarea, summary, [role=option], [role=menuitem], [role=switch], [role=tab], [tabindex="0"]',
  )) {
    if (!e.checkVisibility({ visibilityProperty: true }) || e.closest('.hidden')) continue
    const target = e.labels?.[0]?.contains(e) ? e.labels[0] : e
    const { width, height } = target.getBoundingClientRect()
    if (width === 0 || (width >= 24 && height >= 24)) continue
    if (e.tagName === 'A' && getComputedStyle(e).display === 'inline') continue
    found.add(
      `${e.tagName.toLowerCase()} “${(e.getAttribute('aria-label') ?? e.textContent).trim().slice(0, 40)}” ${width} × ${height}`,
    )
  }
  return [...found]
}

/** Animations and transitions that last longer than a millisecond. */
export function motions() {
  const found = new Set()
  const ms = (list) =>
    Math.max(...list.split(',').map((each) => parseFloat(each) * (each.trim().endsWith('ms') ? 1 : 1000)))
  for (const e of document.querySelectorAll('*'))
    for (const pseudo of [null, '::before', '::after']) {
      const style = getComputedStyle(e, pseudo)
      if (ms(style.transitionDuration) > 1)
        found.add(`transition of ${e.tagName.toLowerCase()}.${e.className}${pseudo ?? ''}`)
      if (style.animationName !== 'none' && ms(style.animationDuration) > 1)
        found.add(`animation ${style.animationName}`)
    }
  return [...found]
}

/** The element with the focus, and whether anything shows that it has it; null where that is the page itself. */
export function focused() {
  const e = document.activeElement
  if (!e || e === document.body) return null
  const shows = (at) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(at)
    return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1
  }
  const rect = e.getBoundingClientRect()
  const frames = [...document.querySelectorAll(':focus-within')].filter(
    (at) => at !== e && at.getBoundingClientRect().height < 200,
  )
  const active = e.getAttribute('aria-activedescendant')
  const ring = shows(e) || frames.some(shows)
  e.dataset.tabbed ??= String(document.querySelectorAll('[data-tabbed]').length)
  return {
    key: e.dataset.tabbed,
    name: `${e.tagName.toLowerCase()} “${(e.getAttribute('aria-label') ?? e.textContent ?? '').trim().slice(0, 40)}”`,
    ring: ring || (active !== null && document.getElementById(active) !== null),
    seen: rect.width > 0 && rect.bottom > 0 && rect.right > 0 && rect.top < innerHeight && rect.left < innerWidth,
  }
}

/** What a listener is told wrongly: lists without sizes, and a log that is not one. */
export function roles() {
  const found = []
  const options = [...document.querySelectorAll('[role=listbox][aria-label] [role=option][data-thread]')]
  for (const e of options)
    if (!(Number(e.getAttribute('aria-setsize')) >= options.length) || !(Number(e.getAttribute('aria-posinset')) > 0))
      found.push(
        `option ${e.dataset.thread} is ${e.getAttribute('aria-posinset')} of ${e.getAttribute('aria-setsize')}`,
      )
  const log = document.querySelector('.thread [role=log]')
  if (document.querySelector('.thread [data-message]') && !log) found.push('the messages are no log')
  if (document.querySelector('.office .side') && !document.querySelector('[role=status]'))
    found.push('there is no status line')
  return found
}

/** Marks that are nothing but a colour and, in the system's colours, have none. */
export function vanished() {
  const found = new Set()
  const probe = document.body.appendChild(document.createElement('b'))
  probe.style.backgroundColor = 'Canvas'
  const canvas = getComputedStyle(probe).backgroundColor
  probe.remove()
  const clear = (colour) => colour === 'transparent' || /, 0\)$/.test(colour)
  for (const e of document.querySelectorAll('span, i, div')) {
    if (e.childNodes.length > 0 || !e.checkVisibility({ visibilityProperty: true }) || e.closest('.blank')) continue
    for (const pseudo of [null, '::after']) {
      const style = getComputedStyle(e, pseudo)
      if (pseudo && style.content === 'none') continue
      if (
        parseFloat(style.width) < 2 ||
        parseFloat(style.width) > 30 ||
        parseFloat(style.borderTopWidth) > 0 ||
        clear(style.backgroundColor)
      )
        continue
      let behind = pseudo ? e : e.parentElement
      while (behind.parentElement && clear(getComputedStyle(behind).backgroundColor)) behind = behind.parentElement
      const under = getComputedStyle(behind).backgroundColor
      if ((clear(under) ? canvas : under) === style.backgroundColor)
        found.add(
          `${e.tagName.toLowerCase()}.${[...e.classList].filter((c) => !c.startsWith('svelte-')).join('.')}${pseudo ?? ''}`,
        )
    }
  }
  return [...found]
}
