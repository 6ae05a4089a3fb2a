import { expect, test } from 'vitest'
import { linksOf, resolveLink } from './document-link.ts'

test.each([
  ['other.md', '/document?path=guides%2Fother.md'],
  ['./a/b.md#part', '/document?path=guides%2Fa%2Fb.md#part'],
  ['../README.md', '/document?path=README.md'],
  ['../../../../etc/passwd', '/document?path=etc%2Fpasswd'],
  ['/top.md', '/document?path=top.md'],
  ['with%20space.md', '/document?path=guides%2Fwith%20space.md'],
  ['#here', '#here'],
])('%s leads to another document, or within this one', (href, target) => {
  expect(resolveLink(href, 'guides/start.md')).toEqual({ href: target, isExternal: false })
})

test.each([
  ['https://one.example/a', 'https://one.example/a'],
  ['//two.example/a', 'https://two.example/a'],
  ['mailto:a@b.example', 'mailto:a@b.example'],
])('%s leads to the web', (href, target) => {
  expect(resolveLink(href, 'guides/start.md')).toEqual({ href: target, isExternal: true })
})

test.each([
  'javascript:alert(1)',
  'JavaScript:alert(1)',
  ' \u0001javascript:alert(1)',
  'java\nscript:alert(1)',
  'java\tscript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'vbscript:x',
  'file:///etc/passwd',
  'blob:https://x.example/1',
  'https://[broken',
  '%zz',
])('%j leads nowhere', (href) => {
  expect(resolveLink(href, 'guides/start.md')).toBeUndefined()
})

test('a link the store knows leads to the document that was meant, whoever else has one of that name', () => {
  const document = { cid: 'bafyother', title: 't', path: 'guides/other.md', time: 0, author: 'a' }
  const links = linksOf({ path: 'guides/start.md', linked: [{ link: 'other.md', document }] })
  expect(links('other.md')?.href).toBe('/document?cid=bafyother')
  expect(links('more.md')?.href).toBe('/document?path=guides%2Fmore.md')
})
