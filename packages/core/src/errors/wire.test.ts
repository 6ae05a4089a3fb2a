// Promise 3 and 17: errors cross threads whole, with code, stage, outcome, label, stack and the chain of causes.
import { describe, expect, it } from 'vitest'
import { isLockkeeperError, LockkeeperError } from './lockkeeper-error.ts'
import { errorFromWire, errorToWire } from './wire.ts'

/** As a message port does it. */
const sent = (error: LockkeeperError): LockkeeperError => errorFromWire(structuredClone(errorToWire(error)))

const full = new LockkeeperError('The lane is full', {
  code: 'lane-full',
  stage: 'admission',
  outcome: 'not-stored',
  retryable: true,
  retryAfterMs: 10,
  label: 'peers.seen',
})

describe('an error that crosses a thread', () => {
  it('keeps every field, its stack, and its kind', () => {
    const arrived = sent(full)
    expect(arrived).toBeInstanceOf(LockkeeperError)
    expect({ ...arrived }).toEqual({ ...full })
    expect(arrived.message).toBe(full.message)
    expect(arrived.stack).toBe(full.stack)
    expect(isLockkeeperError(arrived, 'lane-full')).toBe(true)
  })

  it('keeps its chain of causes, each with name, code and stack', () => {
    const root = Object.assign(new Error('disk'), { code: 'EIO' })
    const middle = new TypeError('no page', { cause: root })
    const error = new LockkeeperError('lost', { code: 'procedure-failed', stage: 'execute', cause: middle })
    const cause = sent(error).cause as Error
    expect([cause.name, cause.message, cause.stack]).toEqual(['TypeError', 'no page', middle.stack])
    expect(cause.cause).toMatchObject({ message: 'disk', code: 'EIO', stack: root.stack })
    expect((cause.cause as Error).cause).toBeUndefined()
  })

  it('turns a cause that is no error into one, and cuts a chain that bites its tail', () => {
    const thrown = new LockkeeperError('odd', { code: 'procedure-failed', stage: 'execute', cause: 42 })
    expect(sent(thrown).cause).toMatchObject({ message: '42' })
    const cyclic = new Error('round')
    cyclic.cause = cyclic
    const arrived = sent(
      new LockkeeperError('x', { code: 'procedure-failed', stage: 'execute', cause: cyclic }),
    )
    let length = 0
    for (let cause: unknown = arrived.cause; cause instanceof Error; cause = cause.cause) length++
    expect(length).toBe(8)
  })

  it('gets the label of the write it fails', () => {
    expect(errorFromWire(errorToWire(full), 'notes.add').label).toBe('notes.add')
  })

  it('may carry causes with fields that cannot be cloned', () => {
    const cause = Object.assign(new Error('handle'), { code: 7, close: () => {} })
    const arrived = sent(new LockkeeperError('x', { code: 'procedure-failed', stage: 'execute', cause }))
    expect(arrived.cause).toMatchObject({ message: 'handle' })
    expect(arrived.cause).not.toHaveProperty('code')
  })
})
