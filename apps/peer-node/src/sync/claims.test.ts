import { expect, test } from 'vitest'
import { Claims } from './claims.ts'

const never = new AbortController().signal

test('a blob is fetched from one peer at a time', () => {
  const claims = new Claims()
  expect(claims.take(['a', 'b'])).toEqual(['a', 'b'])
  expect(claims.take(['b', 'c'])).toEqual(['c'])
  claims.release(['b'])
  expect(claims.take(['a', 'b'])).toEqual(['b'])
})

test('whoever waits hears when something is free, at once if it is already, or of its own end', async () => {
  const claims = new Claims()
  claims.take(['a', 'b'])
  await claims.someFree(['a', 'c'], never)
  const waiting = claims.someFree(['a'], never)
  claims.release(['b'])
  claims.release(['a'])
  await waiting
  claims.take(['a'])
  const end = new AbortController()
  const ended = claims.someFree(['a'], end.signal)
  end.abort(new Error('stopping'))
  await expect(ended).rejects.toThrow('stopping')
  await expect(claims.someFree(['a'], end.signal)).rejects.toThrow('stopping')
})
