import { expect, test } from 'vitest'
import { readPlainText } from './plain-text.ts'

test('finds the addresses in a plain text, without the punctuation around them', () => {
  const text =
    'See https://one.example/a, (http://two.example/b?c=d) and <https://three.example/e#f>. https://four.example.'
  expect(readPlainText(text)).toEqual({
    title: undefined,
    links: [
      'https://one.example/a',
      'http://two.example/b?c=d',
      'https://three.example/e#f',
      'https://four.example',
    ],
  })
})

test('takes time by the length of a text, not by its square', () => {
  const dots = '.'.repeat(1024 * 1024)
  expect(readPlainText(`http://a${dots}x and http://b${dots}`).links).toEqual(['http://b'])
})
