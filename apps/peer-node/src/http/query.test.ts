import { expect, test } from 'vitest'
import { httpLimits } from '../limits.ts'
import { BadRequestError, readDocumentKey, readPage, readSearch } from './query.ts'

test('a page has a limit within bounds', () => {
  expect(readPage({})).toEqual({ limit: httpLimits.itemsDefault, after: undefined })
  expect(readPage({ limit: '7', after: 'a/b.md' })).toEqual({ limit: 7, after: 'a/b.md' })
  expect(readPage({ limit: '999999' }).limit).toBe(httpLimits.itemsMax)
})

test.each(['0', '-1', '1.5', 'x', '1e3', '9999999'])('a limit of %s is refused', (limit) => {
  expect(() => readPage({ limit })).toThrow(BadRequestError)
})

test('any text can be searched for, up to a length', () => {
  expect(readSearch({ q: '"( NEAR' })).toEqual({ text: '"( NEAR', limit: httpLimits.searchDefault })
  expect(() => readSearch({ q: 'x'.repeat(httpLimits.queryCharactersMax + 1) })).toThrow(BadRequestError)
})

test('a document is named by its path or its CID, not by both or neither', () => {
  expect(readDocumentKey({ path: 'a.md' })).toEqual({ path: 'a.md' })
  expect(readDocumentKey({ cid: 'bafy' })).toEqual({ cid: 'bafy' })
  for (const query of [{}, { path: '' }, { path: 'a', cid: 'b' }]) {
    expect(() => readDocumentKey(query)).toThrow(BadRequestError)
  }
})
