import { expect, test } from 'vitest'
import { httpLimits } from '../limits.ts'
import { resolveLink } from './document-link.ts'
import { renderMarkdown } from './markdown-view.ts'

const render = (text: string): string => renderMarkdown(text, (href) => resolveLink(href, 'guides/start.md'))

test.each([
  '<script>alert(1)</script>',
  'text <img src=x onerror=alert(1)> text',
  '[a](<javascript:alert(1)>)',
  '[a](java&#10;script:alert(1))',
  '![<img src=x onerror=alert(1)>](x.png)',
  '[a](https://x.example/"onmouseover="alert(1))',
  '[a](x.md "title\\" onmouseover=alert(1)")',
  '<https://x.example/?<script>>',
  '# <svg onload=alert(1)>',
  '```<script>\ncode\n```',
  '```"><script>alert(1)</script>\ncode\n```',
  '| <script> |\n| --- |\n| <b onclick=alert(1)>x</b> |',
  '- [ ] <iframe src="https://x.example"></iframe>',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
])('%j comes out with no element or attribute of its own', (text) => {
  const tags = render(text).match(/<[^>]*>/g) ?? []
  const known =
    /^<\/?(?:p|a|h\d|pre|code|table|thead|tbody|tr|th|td|ul|li|span|input|br|em|strong)(?: (?:href|rel|id|class|type|align)="[^"<>]*"| checked=""| disabled="")*>$/
  for (const tag of tags) expect(tag).toMatch(known)
  expect(tags.join()).not.toMatch(/javascript/i)
})

test('renders what Markdown has', () => {
  const html = render(
    '# Title\n\n*text* with [a link](other.md) and [one out](https://x.example)\n\n![drawn](d.png)',
  )
  expect(html).toContain('<h1 id="title">Title</h1>')
  expect(html).toContain('<em>text</em>')
  expect(html).toContain('<a href="/document?path=guides%2Fother.md">a link</a>')
  expect(html).toContain('<a href="https://x.example/" rel="noopener noreferrer nofollow">one out</a>')
  expect(html).toContain('<a href="/document?path=guides%2Fd.png">[drawn]</a>')
})

test('an image in a link is a link to where the link leads', () => {
  expect(render('[![Build](b.svg)](https://ci.example) ![b](b.svg)')).toBe(
    '<p><a href="https://ci.example/" rel="noopener noreferrer nofollow">[Build]</a> ' +
      '<a href="/document?path=guides%2Fb.svg">[b]</a></p>\n',
  )
})

test('headings of the same words have anchors of their own', () => {
  expect(render('# The Same!\n\n# the same')).toMatch(/id="the-same"[\s\S]*id="the-same-1"/)
  const ids = render('# a\n\n# a-1\n\n# a\n\n# a-1\n').match(/id="[^"]*"/g)
  expect(ids).toEqual(['id="a"', 'id="a-1"', 'id="a-2"', 'id="a-1-1"'])
})

test.each([
  ['longer than the bound', 'x'.repeat(httpLimits.renderedCharactersMax + 1)],
  ['nested deeper than the stack', `${'>'.repeat(50_000)}x`],
  ['made to keep the parser busy', '__a_'.repeat(50_000)],
])('a text %s is shown as it is', (_, text) => {
  expect(render(text)).toMatch(/^<pre class="plain">/)
})
