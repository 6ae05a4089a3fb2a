// Promises 4 and 5 between a backup and those who write: batches go first, and the backup is done all the same.
import { describe, expect, it } from 'vitest'
import { type CopyMoment, nextMove, nextPages } from './copy-pace.ts'
import {
  backupHungryMs,
  backupLastHungryMs,
  backupLastQuietMs,
  backupStepMs,
  backupStepPagesMax,
} from './limits.ts'

/** Nobody has written for a second, and the last step is long ago, but not too long. */
const calm: CopyMoment = {
  nowMs: 1_000,
  lastStepAtMs: 990,
  lastWorkAtMs: 0,
  isWorkPosted: false,
  isSyncing: false,
  isLast: false,
}

describe('the next move of a backup', () => {
  it('is a step where nobody writes, after a rest as long as a step', () => {
    expect(nextMove(calm)).toBe('step')
    expect(nextMove({ ...calm, lastStepAtMs: 999.5 })).toEqual({ waitMs: 0.5 })
  })

  it('is no step while a batch is on its way, however long the last one is ago', () => {
    expect(nextMove({ ...calm, isWorkPosted: true, lastStepAtMs: 0 })).toEqual({ waitMs: 0 })
  })

  it('leaves whoever has just been answered a moment to write again', () => {
    expect(nextMove({ ...calm, lastWorkAtMs: 999.75 })).toEqual({ waitMs: 0.75 })
  })

  it('is a step now and then where batches never end', () => {
    const busy = { ...calm, lastWorkAtMs: 1_000 }
    expect(nextMove({ ...busy, lastStepAtMs: 1_000 - backupHungryMs + 1 })).not.toBe('step')
    expect(nextMove({ ...busy, lastStepAtMs: 1_000 - backupHungryMs })).toBe('step')
  })

  it('waits longer for a quiet moment when it is the last one, which syncs; but not for ever', () => {
    const last = { ...calm, isLast: true }
    expect(nextMove(last)).toBe('step')
    expect(nextMove({ ...last, lastWorkAtMs: 1_000 - backupLastQuietMs + 2 })).toEqual({ waitMs: 2 })
    const busy = { ...last, nowMs: 5_000, lastWorkAtMs: 5_000 }
    expect(nextMove({ ...busy, lastStepAtMs: 5_000 - backupLastHungryMs + 1 })).not.toBe('step')
    expect(nextMove({ ...busy, lastStepAtMs: 5_000 - backupLastHungryMs })).toBe('step')
  })

  it('waits until what was copied is on the disk, whatever else', () => {
    expect(nextMove({ ...calm, isSyncing: true, lastStepAtMs: 0 })).not.toBe('step')
  })
})

describe('the size of the next step', () => {
  it('follows what the last one took: down at once, up by doubling', () => {
    expect(nextPages(100, backupStepMs)).toBe(100)
    expect(nextPages(100, backupStepMs * 10)).toBe(10)
    expect(nextPages(100, backupStepMs / 10)).toBe(200)
  })

  it('is a page at least, however slow the disk, and bounded, however fast', () => {
    expect(nextPages(3, backupStepMs * 1_000)).toBe(1)
    expect(nextPages(backupStepPagesMax, 0)).toBe(backupStepPagesMax)
  })
})
