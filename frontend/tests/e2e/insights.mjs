// Insights, against the real program.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ask, inbox, rows, until, wide } from './office.mjs'

describe('insights', () => {
  test('count what the copy holds, and the file of a chart has the same', () =>
    inbox('#/all', wide, async (page) => {
      await rows(page)
      await page.keyboard.press('g')
      await page.keyboard.press('n')
      const period = page.getByRole('combobox', { name: 'Período' })
      const messages = page.getByRole('figure', { name: 'Mensajes por semana' })
      const csv = async () => {
        const file = await messages.getByRole('link').getAttribute('href')
        return page.evaluate(async (file) => {
          const answer = await fetch(file)
          return [answer.headers.get('Content-Type'), (await answer.text()).trim().split('\r\n')]
        }, file)
      }
      const before = await period.inputValue()
      await until(page, 'the page, the report and the file count the same', async () => {
        await period.selectOption(before)
        await period.selectOption('all')
        await messages.locator('.drawn .plot').waitFor()
        const { report } = await ask(page, '/api/insights?from=oldest')
        const counted = report.days.reduce((all, { messages: n }) => all + n.in + n.out + n.unknown, 0)
        const { accounts } = await ask(page, '/api/state')
        const held = accounts.reduce((all, account) => all + account.messages, 0)
        assert.ok(counted > held * 0.9 && counted <= held, `${counted} of ${held}`)
        const [type, lines] = await csv()
        assert.equal(type, 'text/csv; charset=utf-8')
        const cells = lines.slice(1).map((line) => line.split(','))
        assert.deepEqual(
          cells.map(([day]) => day),
          report.days.map(({ day }) => day),
        )
        const sum = cells.reduce((all, line) => all + Number(line[4]) + Number(line[5]) + Number(line[6]), 0)
        const said = new Intl.NumberFormat('es-AR').format(counted)
        const summary = await page.locator('.insights .summary').innerText()
        return sum === counted && summary.includes(`${said} mensajes`)
      })
    }))
})
