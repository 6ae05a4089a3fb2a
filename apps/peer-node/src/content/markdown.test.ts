import { expect, test } from 'vitest'
import { contentLimits } from '../limits.ts'
import { readMarkdown } from './markdown.ts'

test.each([
  ['# Start here\n\ntext', 'Start here'],
  ['Underlined\n==========\n', 'Underlined'],
  ['text first\n\n## Then *a* `heading` with [a link](x.md)', 'Then a heading with a link'],
  ['<h1 align="center">\n  <img src="logo.png"> In <b>HTML</b>\n</h1>\n\n# Later', 'In HTML'],
  ['---\ntitle: front\nmatter: yes\n---\n\n# After it', 'After it'],
  ['# Name [![build](b.svg)](ci) ![npm](n.svg)', 'Name'],
  ['# ![Logo](logo.svg)', 'Logo'],
  ['#\n\n# The first one is empty', 'The first one is empty'],
  ['```\n# not a heading\n```\n\n# A heading', 'A heading'],
])('takes the first heading of %j as the title', (text, title) => {
  expect(readMarkdown(text).title).toBe(title)
})

test('has no title without a heading', () => {
  expect(readMarkdown('only text\n\nand more').title).toBeUndefined()
})

test('cuts a title to one short line, between characters', () => {
  const { title = '' } = readMarkdown(`# ${'𝄞'.repeat(contentLimits.titleCharactersMax)}`)
  expect(title.length).toBeLessThanOrEqual(contentLimits.titleCharactersMax)
  expect(title.isWellFormed()).toBe(true)
  expect(title.endsWith('…')).toBe(true)
})

test('collects what the text links to, as written, each once, in order', () => {
  const text = [
    'See [one](../one.md), [two](https://two.example/a?b=c#d) and ![three](three.png).',
    '- again [one](../one.md) and <https://four.example>',
    '> [five][ref]',
    '',
    '[ref]: bafkreigh2akiscaildc "a title"',
  ].join('\n')
  expect(readMarkdown(text).links).toEqual([
    '../one.md',
    'https://two.example/a?b=c#d',
    'three.png',
    'https://four.example',
    'bafkreigh2akiscaildc',
  ])
})

test('keeps no more links than its bounds say', () => {
  const many = Array.from({ length: contentLimits.linksMax + 10 }, (_, n) => `[l](p${n})`).join(' ')
  const long = `[l](${'x'.repeat(contentLimits.linkCharactersMax + 1)})`
  expect(readMarkdown(many).links).toHaveLength(contentLimits.linksMax)
  expect(readMarkdown(long).links).toEqual([])
})
