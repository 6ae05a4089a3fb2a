import fc from 'fast-check'
import { expect, test } from 'vitest'
import { contentLimits } from '../limits.ts'
import { decodeText, startsLikeText, textKindOf } from './text-detection.ts'

const utf8 = new TextEncoder()

test('any text without control characters is taken for text, wherever the first bytes end', () => {
  const texts = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
    .filter((text) => !/\p{Cc}/u.test(text))
  fc.assert(
    fc.property(texts, (text) => {
      const bytes = utf8.encode(
        text.repeat(Math.ceil(contentLimits.sniffBytes / utf8.encode(text).byteLength) + 1),
      )
      expect(startsLikeText(bytes.subarray(0, contentLimits.sniffBytes))).toBe(true)
    }),
  )
})

test.each([
  ['a PNG', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)],
  ['text with a NUL', utf8.encode('text\0text')],
  ['Latin-1', Uint8Array.of(0x63, 0x61, 0x66, 0xe9)],
  ['a short text cut inside a character', utf8.encode('é').subarray(0, 1)],
])('%s is not text', (_, bytes) => {
  expect(startsLikeText(bytes)).toBe(false)
})

test('decoding drops the byte order mark and refuses what is not UTF-8', () => {
  expect(decodeText(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe('a')
  expect(decodeText(Uint8Array.of(0xff, 0xfe, 0x61, 0x00))).toBeUndefined()
})

test('Markdown is known by its name', () => {
  expect(textKindOf('a/README.MD')).toBe('markdown')
  expect(textKindOf('a/notes.txt')).toBe('text')
  expect(textKindOf('LICENSE')).toBe('text')
})
