// Promise 11: what is known of the log, from the writer's looks and from checkpoints that end while it writes on.
import { type SimulatedClock, simulatedClock } from '@lockkeeper/testkit'
import { beforeEach, describe, expect, it } from 'vitest'
import { bounds, checkpointed, mib, sizeOf } from '../../fixtures/played-governor.ts'
import { checkpointRetryMs, foreignPinMs, gapPauseMs, gapPauseMsMax, walStuckPauseMs } from '../limits.ts'
import type { Lease } from '../readers/leases.ts'
import { LogState } from './log-state.ts'

let clock: SimulatedClock
let state: LogState

beforeEach(() => {
  clock = simulatedClock(1_000)
  state = new LogState(clock, bounds)
})

const view = () => state.view(false)
const lease = (ageMs: number, reader = 'reader-1'): Lease => ({
  reader,
  readClass: 'interactive',
  label: undefined,
  ageMs,
  isEnding: false,
})
const begunAnew = (log: number) => checkpointed({ size: sizeOf(log, log), beginsAnew: true })
const heldUp = (log: number) => checkpointed({ size: sizeOf(log, log), beginsAnew: false })

function copied(log: number, part: number): void {
  state.onCopying()
  state.onCopied(checkpointed({ size: sizeOf(log, part) }))
}

describe('the size', () => {
  it('is unknown at first: there may be something to copy', () => {
    expect(view()).toMatchObject({ logBytes: 0, leftBytes: 1 })
    expect(state.wantsLooks).toBe(true)
  })

  it('is what the writer saw last; what was committed after that is something, however much', () => {
    state.onBatch(1, sizeOf(5, 5))
    expect(view().leftBytes).toBe(0)
    expect(state.wantsLooks).toBe(false)
    state.onBatch(1, undefined)
    expect(view().leftBytes).toBe(1)
    state.onBatch(0, undefined)
    expect(view().leftBytes).toBe(1)
  })

  it('counts as nothing once the next write begins it anew, though SQLite still says what it was', () => {
    state.onBatch(1, sizeOf(12, 10))
    state.onFinished(begunAnew(12), undefined, false)
    expect(view()).toMatchObject({ logBytes: 0, leftBytes: 0, fileBytes: 12 * mib })
    state.onBatch(0, sizeOf(12, 12))
    expect(view().logBytes).toBe(0)
    state.onBatch(1, sizeOf(0.1))
    expect(view()).toMatchObject({ logBytes: 0.1 * mib, leftBytes: 0.1 * mib })
    expect(state.report()).toMatchObject({ peakBytes: 12 * mib, finishes: 1 })
  })

  it('of a file that was cut is nothing', () => {
    state.onBatch(1, sizeOf(30, 30))
    expect(state.wantsLooks).toBe(true)
    state.onFinished(checkpointed({ size: sizeOf(0), beginsAnew: true }), undefined, false)
    expect(view().fileBytes).toBe(0)
    expect(state.wantsLooks).toBe(false)
  })
})

describe('a copy that ends while the writer writes on', () => {
  it('does not take back what the writer has seen since', () => {
    state.onFinished(heldUp(12), lease(1), false)
    state.onCopying()
    state.onBatch(1, sizeOf(14, 6))
    state.onCopied(checkpointed({ size: sizeOf(13, 12) }))
    // Shorter than what was seen before: as if it had begun anew.
    expect(view()).toMatchObject({ logBytes: 14 * mib, leftBytes: 2 * mib, failures: 1 })
  })

  it('says nothing of a log that has begun anew since', () => {
    state.onBatch(1, sizeOf(5))
    state.onCopying()
    state.onBatch(1, sizeOf(0.5))
    state.onCopied(checkpointed({ size: sizeOf(5, 5) }))
    expect(view()).toMatchObject({ logBytes: 0.5 * mib, leftBytes: 0.5 * mib })
  })

  it('leaves what was committed since to be copied', () => {
    state.onBatch(1, sizeOf(5))
    state.onCopying()
    state.onBatch(1, undefined)
    state.onCopied(checkpointed({ size: sizeOf(5, 5) }))
    expect(view().leftBytes).toBe(1)
    copied(5.1, 5.1)
    expect(view().leftBytes).toBe(0)
  })
})

describe('a pause', () => {
  it('follows a copy that came to nothing', () => {
    state.onBatch(1, sizeOf(5, 1))
    copied(5, 1)
    expect(view().copyInMs).toBe(walStuckPauseMs)
    copied(5, 2)
    clock.advance(walStuckPauseMs)
    expect(view().copyInMs).toBe(0)
  })

  it('grows each time readers keep the log from beginning anew, and is forgotten once it does', () => {
    const pauses = Array.from({ length: 10 }, () => {
      state.onFinished(heldUp(20), lease(1), false)
      return view().retryInMs
    })
    expect(pauses.slice(0, 4)).toEqual([0, gapPauseMs, gapPauseMs * 2, gapPauseMs * 4])
    expect(Math.max(...pauses)).toBe(gapPauseMsMax)
    state.onFinished(begunAnew(20), undefined, false)
    expect(view()).toMatchObject({ failures: 0, retryInMs: 0 })
    state.onFinished(heldUp(20), lease(1), false)
    expect(view()).toMatchObject({ failures: 1, retryInMs: 0 })
  })

  it('does not grow at the hard bound, unless somebody else is to blame', () => {
    for (let n = 0; n < 8; n++) state.onFinished(heldUp(128), lease(1), false)
    expect(view().retryInMs).toBe(gapPauseMs)
    state.onFinished(heldUp(128), undefined, true)
    expect(view().retryInMs).toBe(gapPauseMsMax)
  })

  it('is over at once when the lease has ended that was in the way for long', () => {
    state.onHeldUp(lease(500))
    state.onHeldUp(lease(500))
    expect(view().retryInMs).toBe(gapPauseMs)
    clock.advance(10)
    state.noteOldest(lease(510))
    expect(view().retryInMs).toBe(gapPauseMs - 10)
    state.noteOldest(lease(3, 'reader-2'))
    expect(view()).toMatchObject({ retryInMs: 0, failures: 2 })
  })

  it('stays where a short lease was in the way: others take its place all the time', () => {
    state.onHeldUp(lease(1))
    state.onHeldUp(lease(1))
    state.noteOldest(undefined)
    expect(view().retryInMs).toBe(gapPauseMs)
  })

  it('follows a checkpoint that failed, which is told of until one succeeds', () => {
    const error = { code: 'sqlite-full', message: 'database or disk is full' } as never
    state.onBatch(1, sizeOf(5))
    state.onCopying()
    state.onCopied(checkpointed({ size: undefined, error }))
    expect(state.report()).toMatchObject({ lastError: 'database or disk is full', copies: 0 })
    expect(view()).toMatchObject({ copyInMs: checkpointRetryMs, retryInMs: checkpointRetryMs })
    expect(view()).toMatchObject({ logBytes: 5 * mib, leftBytes: 5 * mib, failures: 0 })
    clock.advance(checkpointRetryMs)
    copied(5, 5)
    expect(state.report()).toMatchObject({ lastError: undefined, copies: 1 })
  })
})

describe('somebody else', () => {
  it('is to blame where none of our readers can have been in the way, for a while', () => {
    state.onFinished(heldUp(40), lease(1), false)
    expect(view().isForeign).toBe(false)
    state.onFinished(heldUp(40), undefined, true)
    expect(view().isForeign).toBe(true)
    clock.advance(foreignPinMs)
    expect(view().isForeign).toBe(false)
  })

  it('is not any more once the log begins anew', () => {
    state.onFinished(heldUp(40), undefined, true)
    state.onFinished(begunAnew(40), undefined, true)
    state.onFinished(heldUp(40), lease(1), false)
    expect(view().isForeign).toBe(false)
  })
})

it('the oldest that is not copied counts from when there was something', () => {
  copied(5, 5)
  clock.advance(60_000)
  state.onBatch(1, undefined)
  expect(view().uncopiedForMs).toBe(0)
  clock.advance(100)
  state.onBatch(1, sizeOf(5.2, 5))
  expect(view().uncopiedForMs).toBe(100)
})
