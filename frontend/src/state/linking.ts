import type { ThreadRow } from '../api/types'
import { copyText } from '../text/clipboard'
import type { Words } from '../words/words.svelte'
import type { Toasts } from './toast.svelte'

/** The address of a thread, wherever it stands in the lists. */
export const linkOf = (thread: string) => `${location.origin}/#/t/${encodeURIComponent(thread)}`

/** Copies the links to threads, one a line, and says so; false where there is none. */
export function copyLinks(rows: readonly ThreadRow[], toasts: Toasts, { t }: Words): boolean {
  const [row] = rows
  if (!row) return false
  const links = rows.map(({ thread }) => linkOf(thread)).join('\n')
  const name = row.name || row.phone || t('person.unnamed')
  const count = rows.length
  void copyText(links).then((copied) => {
    if (!copied) toasts.show({ tone: 'failed', text: () => t('toast.link_kept', { link: links }) })
    else if (count > 1) toasts.show({ tone: 'done', text: () => t('toast.links_copied', { count }) })
    else toasts.show({ tone: 'done', text: () => t('toast.link_copied', { name }) })
  })
  return true
}
