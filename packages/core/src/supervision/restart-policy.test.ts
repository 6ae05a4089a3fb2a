// Promise 17: a thread that dies is replaced, after growing pauses, so often and no oftener; a calm life is forgiven the past.
import { describe, expect, it } from 'vitest'
import { restart } from '../limits.ts'
import { afterDeath, mayRestart, noRestarts, type RestartHistory, restartPauseMs } from './restart-policy.ts'

/** The histories after each of so many deaths, one every so many milliseconds. */
function deaths(count: number, everyMs: number): RestartHistory[] {
  const histories: RestartHistory[] = []
  let history = noRestarts
  for (let n = 1; n <= count; n++) {
    history = afterDeath(history, n * everyMs)
    histories.push(history)
  }
  return histories
}

describe('deaths of a thread', () => {
  it('in a row are followed by pauses that double, up to the longest', () => {
    const pauses = deaths(12, 1).map(restartPauseMs)
    expect(pauses.slice(0, 4)).toEqual([1, 2, 4, 8].map((times) => times * restart.firstMs))
    expect(Math.max(...pauses)).toBe(restart.longestMs)
    expect(pauses).toEqual(pauses.toSorted((a, b) => a - b))
  })

  it('in a row end in no further try', () => {
    const tries = deaths(restart.timesMax + 2, restart.calmMs).map(mayRestart)
    expect(tries).toEqual([...Array(restart.timesMax).fill(true), false, false])
  })

  it('with a calm time between them are each the first', () => {
    const apart = deaths(50, restart.calmMs + 1)
    expect(apart.every(mayRestart)).toBe(true)
    expect(new Set(apart.map(restartPauseMs))).toEqual(new Set([restart.firstMs]))
  })
})
