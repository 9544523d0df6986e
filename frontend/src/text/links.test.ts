import { expect, test } from 'vitest'
import { findLinks, safeLink } from './links'

test.each([
  ['https://tienda.example/a?b=1', 'https://tienda.example/a?b=1'],
  ['mailto:hola@tienda.example', 'mailto:hola@tienda.example'],
  ['tel:+5491159834410', 'tel:+5491159834410'],
  ['javascript:alert(1)', null],
  ['JAVASCRIPT:alert(1)', null],
  ['data:text/html,<script>', null],
  ['file:///etc/passwd', null],
  ['blob:https://a.example/1', null],
  ['//tienda.example', null],
  ['tienda', null],
  ['', null],
])('%s is opened as %s', (text, href) => {
  expect(safeLink(text)).toBe(href)
})

test.each([
  ['mirá https://a.example/x.', ['https://a.example/x']],
  ['(https://a.example/x)', ['https://a.example/x']],
  ['https://a.example/x_(y)', ['https://a.example/x_(y)']],
  ['¿https://a.example? y http://b.example!', ['https://a.example', 'http://b.example']],
  ['*https://a.example*', ['https://a.example']],
  ['HTTPS://A.example', ['HTTPS://A.example']],
  ['xjavascript:alert(1)', []],
  ['https://', []],
  ['nada', []],
])('finds the links of %s', (text, links) => {
  expect(findLinks(text).map(({ start, end }) => text.slice(start, end))).toEqual(links)
})
