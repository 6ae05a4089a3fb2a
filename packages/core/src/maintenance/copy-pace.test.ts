// Promises 4 and 5 between a backup and those who write: batches go first, and the backup is done all the same.
import { describe, expect, it } from 'vitest'
import { type CopyMoment, nextMove, nextPages } from './copy-pace.ts'
import { backupHungryMs, backupLastQuietMs, backupStepMs, backupStepPagesMax } from './limits.ts'

/** Nobody has written for a second, and the last step is long ago, but not too long. */
const calm: CopyMoment = {
  nowMs: 1_000,
  lastStepAtMs: 990,
  lastWorkAtMs: 0,
  isWorkPosted: false,
  isSyncing: false,
  awaitsQuiet: false,
  hungryMs: backupHungryMs,
}

describe('the next move of a backup', () => {
  it('is a step where nobody writes, after a rest as long as a step', () => {
    expect(nextMove(calm)).toBe('step')
    expect(nextMove({ ...calm, lastStepAtMs: 999.5 })).toEqual({ waitMs: 0.5 })
  })

  it('is no step while a batch is on its way', () => {
    expect(nextMove({ ...calm, isWorkPosted: true })).toEqual({ waitMs: 0 })
    expect(nextMove({ ...calm, isWorkPosted: true, isSyncing: true })).toEqual({ waitMs: 0 })
  })

  it('leaves whoever has just been answered a moment to write again', () => {
    expect(nextMove({ ...calm, lastWorkAtMs: 999.75 })).toEqual({ waitMs: 0.75 })
  })

  it('is a step now and then where batches never end', () => {
    const busy = { ...calm, lastWorkAtMs: 1_000 }
    expect(nextMove({ ...busy, lastStepAtMs: 1_000 - backupHungryMs + 1 })).not.toBe('step')
    expect(nextMove({ ...busy, lastStepAtMs: 1_000 - backupHungryMs })).toBe('step')
    // Work that is always on its way must not keep it off, either.
    expect(nextMove({ ...busy, isWorkPosted: true, lastStepAtMs: 1_000 - backupHungryMs })).toBe('step')
  })

  it('waits for a quiet moment when it is the last one, which syncs', () => {
    const last = { ...calm, awaitsQuiet: true }
    expect(nextMove(last)).toBe('step')
    const lastWorkAtMs = 1_000 - backupLastQuietMs + 2
    expect(nextMove({ ...last, lastWorkAtMs, lastStepAtMs: 0 })).toEqual({ waitMs: 2 })
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
