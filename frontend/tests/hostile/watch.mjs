// What a page does when text has become more than text. `guard` is put into
// every page before its own scripts, and gathers it.

/** Elements that the interface has none of, and what only a text would make. */
export function guard() {
  const found = []
  globalThis.hostile = found
  const never =
    'IMG IFRAME OBJECT EMBED BASE STYLE FORM VIDEO AUDIO SOURCE TRACK MATH MARQUEE PORTAL TEMPLATE TABLE ' +
    'FOREIGNOBJECT ANIMATE IMAGE USE FRAME FRAMESET APPLET ISINDEX XMP PLAINTEXT NOSCRIPT BGSOUND META LINK SCRIPT B I U FONT'
  const own = { TABLE: '.scroll > table' }
  const names = new Set(never.split(' '))
  const schemes = new Set(['http:', 'https:', 'mailto:', 'tel:'])
  const look = (element) => {
    const name = element.tagName.toUpperCase()
    // The head is the document's own, and was there before any text.
    if (names.has(name) && !document.head?.contains(element) && !ours(name, element))
      found.push(`an element: ${element.outerHTML.slice(0, 200)}`)
    for (const { name: key, value } of element.attributes) {
      if (key.startsWith('on') || key === 'srcdoc' || key === 'formaction') found.push(`${name} has ${key}`)
      if (key === 'style' && /url|expression|@import/i.test(value)) found.push(`${name} has style ${value}`)
      if (key === 'src' && document.body?.contains(element)) found.push(`${name} has src ${value}`)
      if (key.endsWith('href') && !schemes.has(new URL(value, location.href).protocol))
        found.push(`${name} leads to ${value}`)
    }
  }
  const ours = (name, element) => {
    if (name === 'SCRIPT') return element.src.startsWith(location.origin)
    // A component's own: no text knows the class that it was built with.
    if (name === 'I' || name === 'FORM')
      return element.closest('.behind, .note-box, .ask') !== null || /\bsvelte-\w+$/.test(element.className)
    return own[name] !== undefined && element.matches(own[name])
  }
  const lookAll = (node) => {
    if (!(node instanceof Element)) return
    look(node)
    node.querySelectorAll('*').forEach(look)
  }
  new MutationObserver((changes) => {
    for (const { addedNodes, target, type } of changes) {
      if (type === 'attributes') look(target)
      addedNodes.forEach(lookAll)
    }
  }).observe(document, { childList: true, subtree: true, attributes: true })
}

/**
 * What has gone wrong in a page so far, and what its texts do to what stands
 * beside them: a text that turns the direction of writing must be isolated.
 */
export function harm() {
  const found = [...globalThis.hostile]
  if ('pwned' in globalThis) found.push('a text was run')
  if ('pwned' in {}) found.push('a text reached Object.prototype')
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    if (!turns(node.data) || isolated(node)) continue
    found.push(`not isolated: ${node.parentElement.outerHTML.slice(0, 300)}`)
  }
  return [...new Set(found)]

  /** It turns what follows it: what it begins it does not end. */
  function turns(text) {
    let open = 0
    for (const each of text) {
      if (/[\u2066-\u2068]/.test(each)) open++
      else if (each === '\u2069') open = Math.max(0, open - 1)
      else if (/[\u202a\u202b\u202d\u202e]/.test(each) && open === 0) return true
    }
    return open > 0
  }

  /** It is alone in a block, or in something that keeps its direction to itself. */
  function isolated(node) {
    for (let at = node.parentElement; at; at = at.parentElement) {
      const { display, unicodeBidi } = getComputedStyle(at)
      if (/isolate|plaintext/.test(unicodeBidi)) return true
      if (display !== 'inline') return at.textContent.trim() === node.data.trim()
    }
    return false
  }
}
