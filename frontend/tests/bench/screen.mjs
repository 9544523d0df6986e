// The screen over a large office, in the system's Chromium.

import { from, said } from './tools.mjs'

export async function screen() {
  const { text, code } = await said('node', [from('frontend/tests/speed/speed.mjs')])
  return `## On screen

In the system's Chromium, over a copy of 100 000 threads and a million messages. The machine's own share is beside it: what
an empty page, an idle frame and a bare request take.${code === 0 ? '' : ' **Something is over its limit, see below.**'}

\`\`\`
${text.trim()}
\`\`\``
}
