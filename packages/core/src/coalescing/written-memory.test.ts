import { expect, test } from 'vitest'
import { WrittenMemory } from './written-memory.ts'

const remember = (bounds: { itemsMax: number; bytesMax: number }) => new WrittenMemory<string>(bounds)

test('it holds so many keys and bytes, and no more', () => {
  const memory = remember({ itemsMax: 3, bytesMax: 10 })
  for (const key of 'abcd') memory.note(key, { value: key, bytes: 2 })
  expect([memory.items, memory.bytes]).toEqual([3, 6])
  expect(memory.find('a')).toBeUndefined()
  memory.note('e', { value: 'e', bytes: 9 })
  expect([memory.items, memory.bytes]).toEqual([1, 9])
})

test('keys that are asked for stay longer than those that are not', () => {
  const memory = remember({ itemsMax: 3, bytesMax: 10 })
  for (const key of 'abc') memory.note(key, { value: key, bytes: 1 })
  memory.find('a')
  memory.note('d', { value: 'd', bytes: 1 })
  memory.note('e', { value: 'e', bytes: 1 })
  expect(['a', 'b', 'c', 'd', 'e'].filter((key) => memory.find(key) !== undefined)).toEqual(['a', 'd', 'e'])
})

test('where all are asked for, the oldest goes in the end', () => {
  const memory = remember({ itemsMax: 2, bytesMax: 10 })
  for (const key of 'ab') memory.note(key, { value: key, bytes: 1 })
  for (const key of 'ab') memory.find(key)
  memory.note('c', { value: 'c', bytes: 1 })
  expect(memory.items).toBe(2)
  expect(memory.find('c')).toMatchObject({ value: 'c' })
})

test('what is too large is not remembered, and what was there before it neither: it would be out of date', () => {
  const memory = remember({ itemsMax: 2, bytesMax: 10 })
  memory.note('a', { value: 'small', bytes: 5 })
  memory.note('a', { value: 'large', bytes: 11 })
  expect([memory.find('a'), memory.bytes]).toEqual([undefined, 0])
})

test('a bound of nothing remembers nothing', () => {
  const memory = remember({ itemsMax: 0, bytesMax: 10 })
  memory.note('a', { value: 'a', bytes: 0 })
  expect(memory.find('a')).toBeUndefined()
})
