/**
 * Copies a text; false where the browser does not let us. Where there is no
 * clipboard to write to (a window's may have none) what is selected is copied,
 * and the focus goes back to where it was.
 */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copySelected(text)
  }
}

function copySelected(text: string): boolean {
  const before = document.activeElement
  const field = document.createElement('textarea')
  field.value = text
  field.readOnly = true
  field.className = 'hidden'
  // Outside of an open dialog nothing takes the focus.
  const over = [...document.querySelectorAll('dialog[open]')].at(-1) ?? document.body
  over.append(field)
  try {
    field.focus({ preventScroll: true })
    field.select()
    // Deprecated, and the only way where there is no clipboard.
    return document.execCommand('copy')
  } catch {
    return false
  } finally {
    field.remove()
    if (before instanceof HTMLElement) before.focus({ preventScroll: true })
  }
}
