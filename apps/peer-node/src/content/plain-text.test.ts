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
