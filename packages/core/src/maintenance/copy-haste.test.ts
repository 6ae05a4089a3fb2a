// Promise 12 for backups: one ends, whatever is written meanwhile, or says that it cannot.
import { describe, expect, it } from 'vitest'
import { CopyHaste } from './copy-haste.ts'
import { backupHungryMs, backupHungryMsMin, backupLastPatienceMs, backupLosingMs } from './limits.ts'

/** A copy of which so many pages are left after each second. @returns when it is given up, in seconds. */
function givenUpAfter(haste: CopyHaste, seconds: number, leftAfter: (second: number) => number) {
  for (let second = 1; second <= seconds; second++) {
    if (!haste.note(second * 1_000, leftAfter(second))) return second
  }
  return undefined
}

describe('a backup of a database that grows', () => {
  it('takes its time while less and less is left', () => {
    const haste = new CopyHaste(0)
    expect(givenUpAfter(haste, 3_600, (second) => 1_000_000 - second)).toBeUndefined()
    expect(haste.hungryMs).toBe(backupHungryMs)
  })

  it('makes haste where no less is left, down to a bound', () => {
    const haste = new CopyHaste(0)
    givenUpAfter(haste, 3, () => 1_000)
    expect(haste.hungryMs).toBe(backupHungryMs / 4)
    givenUpAfter(haste, 30, () => 1_000)
    expect(haste.hungryMs).toBe(backupHungryMsMin)
  })

  it('is lost where haste has not helped for a minute', () => {
    const minute = backupLosingMs / 1_000
    expect(givenUpAfter(new CopyHaste(0), 3_600, (second) => 1_000 + second)).toBe(2 * minute)
    const caughtUp = (second: number) => (second < minute + 5 ? 1_000 + second : 100_000 - second)
    expect(givenUpAfter(new CopyHaste(0), minute + 10, caughtUp)).toBeUndefined()
  })

  it('counts afresh when SQLite has begun anew', () => {
    const haste = new CopyHaste(0)
    haste.note(backupLosingMs, 10)
    haste.beginAnew(backupLosingMs + 1)
    expect(haste.note(2 * backupLosingMs + 1, 1_000)).toBe(true)
  })

  it('waits for a quiet moment at its end for so long in all, not anew for each time it nears it', () => {
    const haste = new CopyHaste(0)
    expect(haste.mayAwaitQuiet(5_000)).toBe(true)
    haste.note(5_500, 100_000)
    expect(haste.mayAwaitQuiet(5_000 + backupLastPatienceMs)).toBe(false)
  })
})
