// Promise 11: what is decided about the log, as tables of view and decision, and what holds whatever the view is.
import { seeded } from '@lockkeeper/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bounds, mib } from '../../fixtures/played-governor.ts'
import { gapMsMax, pinAgeMsMin, walAgeMsMax, walIdleMs } from '../limits.ts'
import { type Decision, decide, type OldestLease, restraint, type WalView } from './policy.ts'

/** Nobody reads, and the writer is busy. */
const calm: WalView = {
  logBytes: 0,
  leftBytes: 0,
  fileBytes: 0,
  uncopiedForMs: 0,
  idleMs: 0,
  failures: 0,
  isTried: false,
  retryInMs: 0,
  copyInMs: 0,
  hasCopied: false,
  isForeign: false,
  oldestLease: undefined,
  hasThread: true,
}

const viewOf = (fields: Partial<WalView>): WalView => ({ ...calm, ...fields })
/** So much in the log, in MiB, and so much of it left to copy. */
const log = (size: number, left = size): Partial<WalView> => ({
  logBytes: size * mib,
  leftBytes: left * mib,
  fileBytes: size * mib,
})
const lease = (ageMs: number, fields: Partial<OldestLease> = {}): Partial<WalView> => ({
  oldestLease: { readClass: 'interactive', ageMs, isEnding: false, ...fields },
})
const quiet = { idleMs: walIdleMs }
const finish: Decision = { act: 'finish', truncate: false }
const cut: Decision = { act: 'finish', truncate: true }
const copy: Decision = { act: 'copy' }
const gap: Decision = { act: 'gap' }
const rest: Decision = { act: 'rest' }
const endPin: Decision = { act: 'end-pin' }

describe('decide', () => {
  it.each<[string, Partial<WalView>, Decision]>([
    ['rests while the log is short and the writer busy', log(3), rest],
    ['copies beside the writer from an eighth of the soft bound on', log(4), copy],
    ['does not ask again at once where nothing could be copied', { ...log(4), copyInMs: 1 }, rest],
    ['copies what little there is once the writer is idle', { ...log(0.01), ...quiet }, copy],
    ['copies what little there is once it is old', { ...log(0.01), uncopiedForMs: walAgeMsMax }, copy],
    ['lets the writer copy where there is no thread', { ...log(4), hasThread: false }, finish],
    ['but not before the pause is over', { ...log(4), hasThread: false, retryInMs: 1 }, rest],
    ['has the writer finish from three eighths on', log(12, 1), finish],
    ['but first catches up with it beside, while there is much left to copy', log(12, 2), copy],
    ['as long as there is room for a longer log', log(23.9), copy],
    ['and no longer', log(24), finish],
    ['nor where nothing could be copied', { ...log(12), copyInMs: 1 }, finish],
    ['nor without a thread', { ...log(12), hasThread: false }, finish],
    ['copies while the pause before another try lasts', { ...log(12), retryInMs: 1, failures: 1 }, copy],
    ['leaves an idle writer in peace, and copies beside', { ...log(20), ...quiet }, copy],
    ['but not from the soft bound on: lanes may be held back for it', { ...log(32, 8), ...quiet }, finish],
    ['leaves a short file as it is', { ...log(20, 0), ...quiet }, rest],
    ['cuts a long file once all is copied and nobody writes', { ...log(24, 0), ...quiet }, cut],
    ['a file that was long before as well', { ...log(0), fileBytes: 24 * mib, ...quiet }, cut],
  ])('%s', (_, fields, decision) => {
    expect(decide(viewOf(fields), bounds)).toEqual(decision)
  })

  it.each<[string, Partial<WalView>, Decision]>([
    ['tries again on a short log, since it hurts nobody', { ...log(15, 0), ...lease(1) }, finish],
    ['makes a gap from half the soft bound on', { ...log(16, 1), ...lease(1) }, gap],
    ['copies before it lets readers wait', { ...log(16), ...lease(1) }, copy],
    ['but once only', { ...log(16), ...lease(1), hasCopied: true }, gap],
    ['nor where nothing can be', { ...log(16), ...lease(1), copyInMs: 1 }, gap],
    ['nor without a thread', { ...log(16), ...lease(1), hasThread: false }, gap],
    ['makes none while the pause lasts', { ...log(16, 0), ...lease(1), retryInMs: 1 }, rest],
    ['makes none for who has read for long', { ...log(16, 1), ...lease(gapMsMax.interactive + 1) }, rest],
    [
      'a background read may take longer',
      { ...log(16, 1), ...lease(gapMsMax.interactive + 1, { readClass: 'background' }) },
      gap,
    ],
    [
      'makes none while one is ending, nobody knows when',
      { ...log(16, 1), ...lease(1, { isEnding: true }) },
      rest,
    ],
    ['makes one where nobody of ours reads', log(16, 1), gap],
  ])('after readers kept the log from beginning anew, %s', (_, fields, decision) => {
    expect(decide(viewOf({ failures: 1, isTried: true, ...fields }), bounds)).toEqual(decision)
  })

  it.each<[string, Partial<WalView>, Decision]>([
    ['ends the read that has been at it for long', lease(5_000), endPin],
    ['even while the pause lasts', { ...lease(5_000), retryInMs: 1 }, endPin],
    ['but no read that has only just begun', lease(pinAgeMsMin - 1), gap],
    ['nor one that was told to end already', lease(5_000, { isEnding: true }), rest],
    ['nor one while somebody else is to blame', { ...lease(5_000), isForeign: true }, rest],
    ['nor one where nothing has been tried yet', { ...lease(5_000), failures: 0, isTried: false }, finish],
    [
      'nor one before it was tried again, since another was ended',
      { ...lease(5_000), isTried: false },
      finish,
    ],
    [
      'and waits for that one to be over',
      { ...lease(5_000, { isEnding: true }), isTried: false, copyInMs: 1 },
      rest,
    ],
  ])('at the hard bound %s', (_, fields, decision) => {
    expect(decide(viewOf({ failures: 1, isTried: true, ...log(128, 1), ...fields }), bounds)).toEqual(
      decision,
    )
  })

  it('decides alike with smaller bounds', () => {
    const small = { softBytes: mib, hardBytes: 4 * mib }
    const scaled = (fields: Partial<WalView>): WalView => {
      const view = viewOf(fields)
      const { logBytes, leftBytes, fileBytes } = view
      return { ...view, logBytes: logBytes / 32, leftBytes: leftBytes / 32, fileBytes: fileBytes / 32 }
    }
    for (const fields of [
      log(3),
      log(4),
      log(12),
      { ...log(16, 1), failures: 1 },
      { ...log(24, 0), ...quiet },
    ])
      expect(decide(scaled(fields), small)).toEqual(decide(viewOf(fields), bounds))
  })
})

describe('restraint', () => {
  it.each<[string, Partial<WalView>, number]>([
    ['is nothing below the soft bound', log(31.9), 0],
    ['begins at nothing', log(32), 0],
    ['grows with the log', log(80), 0.5],
    ['leaves a little up to the hard bound, so that it is reached and the pin ended', log(127.9), 0.95],
    ['is everything at the hard bound', log(128), 1],
    ['leaves a little where somebody else is to blame', { ...log(200), isForeign: true }, 0.95],
  ])('%s', (_, fields, share) => {
    expect(restraint(viewOf(fields), bounds)).toBeCloseTo(share)
  })

  it('is everything in a gap, but for a short log', () => {
    expect(restraint(viewOf(log(31)), bounds, true)).toBe(0)
    expect(restraint(viewOf(log(33)), bounds, true)).toBe(1)
  })
})

const anyBytes = fc.integer({ min: 0, max: 200 * mib })
const anyMs = fc.integer({ min: 0, max: 60_000 })
const anyLease: fc.Arbitrary<OldestLease> = fc.record({
  readClass: fc.constantFrom('interactive', 'background'),
  ageMs: anyMs,
  isEnding: fc.boolean(),
})
const anyView: fc.Arbitrary<WalView> = fc
  .record({
    logBytes: anyBytes,
    leftBytes: anyBytes,
    fileBytes: anyBytes,
    uncopiedForMs: anyMs,
    idleMs: anyMs,
    failures: fc.integer({ min: 0, max: 20 }),
    isTried: fc.boolean(),
    retryInMs: fc.constantFrom(0, 0, 100),
    copyInMs: fc.constantFrom(0, 0, 100),
    hasCopied: fc.boolean(),
    isForeign: fc.boolean(),
    oldestLease: fc.option(anyLease, { nil: undefined }),
    hasThread: fc.boolean(),
  })
  .map((view) => ({
    ...view,
    leftBytes: Math.min(view.leftBytes, view.logBytes),
    fileBytes: Math.max(view.fileBytes, view.logBytes),
    isTried: view.isTried && view.failures > 0,
  }))

describe('whatever the view', () => {
  it('nothing is done that its rule does not allow', () => {
    fc.assert(
      fc.property(anyView, (view) => {
        const { act } = decide(view, bounds)
        const { logBytes, leftBytes, oldestLease } = view
        switch (act) {
          case 'end-pin':
            expect(logBytes).toBeGreaterThanOrEqual(bounds.hardBytes)
            expect(oldestLease).toMatchObject({ isEnding: false })
            expect(oldestLease?.ageMs).toBeGreaterThanOrEqual(pinAgeMsMin)
            expect(view.isTried).toBe(true)
            expect(view.isForeign).toBe(false)
            break
          case 'gap':
            expect(view.failures).toBeGreaterThan(0)
            expect(logBytes).toBeGreaterThanOrEqual(bounds.softBytes / 2)
            expect(view.retryInMs).toBe(0)
            break
          case 'copy':
            expect(leftBytes).toBeGreaterThan(0)
            expect(view.hasThread).toBe(true)
            expect(view.copyInMs).toBe(0)
            break
          case 'finish':
            expect(view.retryInMs).toBe(0)
        }
      }),
      seeded('WAL policy: decisions', 2_000),
    )
  })

  it('a busy writer with a short log that was copied lately is left alone', () => {
    fc.assert(
      fc.property(anyView, (view) => {
        const short = { logBytes: Math.min(view.logBytes, 4 * mib - 1), idleMs: 0, uncopiedForMs: 0 }
        const leftBytes = Math.min(view.leftBytes, short.logBytes)
        expect(decide({ ...view, ...short, leftBytes }, bounds)).toEqual(rest)
      }),
      seeded('WAL policy: calm log', 2_000),
    )
  })

  it('lanes are never held back while nothing is done about it, but for a lease that nobody can end', () => {
    fc.assert(
      fc.property(anyView, (view) => {
        const due = { ...view, retryInMs: 0, copyInMs: 0 }
        if (restraint(due, bounds) === 0 || decide(due, bounds).act !== 'rest') return
        expect(due.failures).toBeGreaterThan(0)
        const { oldestLease, isForeign, logBytes } = due
        // Below the hard bound nothing is to be done about who has read for long; at it only these are left alone.
        expect(oldestLease).toBeDefined()
        if (logBytes >= bounds.hardBytes) expect(oldestLease?.isEnding || isForeign).toBe(true)
      }),
      seeded('WAL policy: liveness', 10_000),
    )
  })

  it('a longer log restrains no less, and never anybody more than wholly', () => {
    fc.assert(
      fc.property(anyView, anyBytes, fc.boolean(), (view, more, inGap) => {
        const share = restraint(view, bounds, inGap)
        expect(share).toBeGreaterThanOrEqual(0)
        expect(share).toBeLessThanOrEqual(1)
        const longer = { ...view, logBytes: view.logBytes + more }
        expect(restraint(longer, bounds, inGap)).toBeGreaterThanOrEqual(share)
        if (view.isForeign && !inGap) expect(share).toBeLessThanOrEqual(0.95)
      }),
      seeded('WAL policy: restraint', 2_000),
    )
  })
})
