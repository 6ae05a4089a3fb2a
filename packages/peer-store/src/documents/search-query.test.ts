import { describe, expect, test } from 'vitest'
import { pageLimits } from '../limits.ts'
import { searchQuery } from './search-query.ts'

describe('a search text becomes a query', () => {
  test.each([
    ['whole words, the last of which may be unfinished', 'write lock', '"write" "lock"*'],
    ['whole words alone, once a blank ends the last', 'write lock ', '"write" "lock"'],
    ['quotes doubled inside quotes', 'say "hi" now', '"say" """hi""" "now"*'],
    ['operators that are words like others', 'a OR NOT b*', '"a" "OR" "NOT" "b*"*'],
    ['one letter is never completed', 'x', '"x"'],
    ['marks without words left out', '-- write (', '"write"*'],
    ['any script', 'Схема שלום', '"Схема" "שלום"*'],
  ])('%s', (_, text, query) => {
    expect(searchQuery(text)).toBe(query)
  })

  test.each(['', '   ', '"', '* ^ -', '\0'])('but none if there is no word in it: %j', (text) => {
    expect(searchQuery(text)).toBe(undefined)
  })

  test('and is bounded, in words and in their length', () => {
    const query = searchQuery(`${'word '.repeat(1_000)}${'x'.repeat(10_000)}`)
    expect(query?.split(' ').length).toBe(pageLimits.searchWordsMax)
    expect(searchQuery('x'.repeat(10_000))?.length).toBe(pageLimits.searchWordCharactersMax + 3)
  })
})
