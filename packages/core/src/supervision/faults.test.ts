// Promise 17: what a code says of the file and the disk decides whether anybody waits for it to pass.
import { describe, expect, it } from 'vitest'
import { faultPause } from '../limits.ts'
import { faultOf, faultPauseMs, isFailedSync, isFinalFault } from './faults.ts'

describe('a code', () => {
  it.each([
    ['sqlite-full', 'full'],
    ['sqlite-ioerr', 'io'],
    ['sqlite-ioerr-write', 'io'],
    ['sqlite-cantopen', 'shut'],
    ['sqlite-readonly-directory', 'shut'],
    ['cannot-open', 'shut'],
    ['file-replaced', 'replaced'],
    ['sqlite-readonly-dbmoved', 'replaced'],
    ['sqlite-corrupt', 'corrupt'],
    ['sqlite-corrupt-index', 'corrupt'],
    ['sqlite-notadb', 'corrupt'],
    ['not-a-database', 'corrupt'],
    ['sqlite-corrupt-vtab', undefined],
    ['sqlite-busy', undefined],
    ['sqlite-constraint-unique', undefined],
    ['thread-lost', undefined],
    [undefined, undefined],
  ])('%s speaks of the fault %s', (code, kind) => {
    expect(faultOf(code)).toBe(kind)
  })

  it('is final where the file is damaged, not where its schema could not be read', () => {
    const message = 'database disk image is malformed: the file is damaged'
    expect(isFinalFault({ code: 'sqlite-corrupt', message })).toBe(true)
    expect(isFinalFault({ code: 'sqlite-corrupt', message: 'malformed database schema (notes)' })).toBe(false)
    expect(isFinalFault({ code: 'sqlite-ioerr-read', message })).toBe(false)
  })

  it('tells a failed sync from other I/O errors', () => {
    const codes = ['sqlite-ioerr-fsync', 'sqlite-ioerr-dir-fsync', 'sqlite-ioerr-write', 'sqlite-full']
    expect(codes.map(isFailedSync)).toEqual([true, true, false, false])
  })
})

it('pauses between tries double up to the longest', () => {
  const pauses = [1, 2, 3, 100].map(faultPauseMs)
  expect(pauses).toEqual([1, 2, 4].map((times) => times * faultPause.firstMs).concat(faultPause.longestMs))
})
