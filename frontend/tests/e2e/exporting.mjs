// What the list shows, saved as a file by the real program.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { ask, inbox, rows, wide } from './office.mjs'

describe('exporting', () => {
  test('the people of a list come as a page and as rows, with their checksum', () =>
    inbox('#/all', wide, async (page) => {
      await rows(page)
      const people = new Set()
      for (let cursor = ''; cursor !== null;) {
        const part = await ask(page, `/api/threads?view=all&limit=200&cursor=${cursor}`)
        for (const { person } of part.threads) people.add(person)
        cursor = part.cursor
      }
      for (const [format, count] of [
        ['html', (text) => text.match(/<tr>/g).length - 1],
        ['ndjson', (text) => text.trimEnd().split('\n').length],
      ]) {
        await page.locator('.list button[aria-haspopup=dialog]').first().click()
        await page.locator('dialog input[value=people]').check()
        await page.locator(`dialog input[value=${format}]`).check()
        const submit = page.locator('dialog .button.main')
        const [file] = await Promise.all([page.waitForEvent('download'), submit.click()])
        assert.match(file.suggestedFilename(), new RegExp(`^bandeja-personas-\\d{4}-\\d\\d-\\d\\d\\.${format}$`))
        const text = await readFile(await file.path(), 'utf8')
        assert.equal(count(text), people.size)
        const link = page.locator('dialog a')
        if (format === 'html') assert.match(text, /<!-- bandeja-sha256:[0-9a-f]{64} -->\n$/)
        else {
          const [beside] = await Promise.all([page.waitForEvent('download'), link.click()])
          const sum = createHash('sha256').update(text).digest('hex')
          assert.equal(await readFile(await beside.path(), 'utf8'), `${sum}  ${file.suggestedFilename()}\n`)
        }
        await page.locator('dialog .button.main').click()
      }
    }))
})
