import { expect, test } from 'vitest'
import type { ErrorCode, Outcome } from '../errors/codes.ts'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { verdict } from './verdict.ts'

const of = (code: ErrorCode, retryable = false, outcome: Outcome = 'not-stored') =>
  verdict(new LockkeeperError(code, { code, stage: 'execute', retryable, outcome }))

test('what asks to be repeated costs nobody anything', () => {
  for (const code of ['sqlite-busy', 'sqlite-full', 'lane-full', 'sqlite-ioerr-write'] as const)
    expect(of(code, true), code).toBe('pardon')
})

test('faults of the file, and what may be stored, are nobody’s fault', () => {
  for (const code of ['sqlite-ioerr-write', 'sqlite-corrupt', 'sqlite-readonly', 'file-replaced'] as const)
    expect(of(code), code).toBe('strike')
  expect(of('sqlite-ioerr-fsync', false, 'unknown')).toBe('strike')
  expect(of('thread-lost', false, 'unknown')).toBe('strike')
})

test('what is in the flush may be to blame for all else: an index that is written anew included', () => {
  const codes = [
    'sqlite-constraint-check',
    'procedure-failed',
    'thread-lost',
    'invalid-argument',
    'sqlite-corrupt-vtab',
  ]
  for (const code of codes) expect(of(code as ErrorCode), code).toBe('split')
})

test('where nobody writes any more, or the procedure is not there, no value is tried again', () => {
  for (const code of ['closed', 'writer-stopped', 'unknown-procedure', 'procedures-not-loaded'] as const)
    expect(of(code), code).toBe('fatal')
})
