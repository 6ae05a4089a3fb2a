import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { storm } from '../limits-peer-store.ts'
import { type Connect, Crowd } from '../subjects/storm-peers.ts'
import { ChangeChecks } from './change-checks.ts'

describe('the checks of changed addresses', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  function changed(crowd: Crowd): Connect {
    for (;;) {
      const connect = crowd.next()
      if (connect.hasChanged) return connect
    }
  }

  it('read when the time is over, and find those that are stored, or newer ones', async () => {
    const crowd = new Crowd(1)
    const [first, second] = [changed(crowd), changed(crowd)]
    const read = vi.fn(async () => second.addresses)
    const checks = new ChangeChecks(read)
    checks.add(first)
    checks.add(second)
    await vi.advanceTimersByTimeAsync(storm.storedWithinMs - 1)
    expect(read).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(read).toHaveBeenCalledTimes(2)
    expect(checks).toMatchObject({ changes: 2, late: 0, open: 0 })
  })

  it('count older addresses, none, a read that fails and a read without an answer as late', async () => {
    const crowd = new Crowd(1)
    const [older] = crowd.everybody()
    const answers = [
      async () => older?.addresses ?? [],
      async () => [],
      () => Promise.reject(new Error('refused')),
      () => new Promise<never>(() => {}),
    ]
    const checks = new ChangeChecks(() => answers.shift()?.() ?? Promise.resolve([]))
    for (let count = 0; count < 4; count++) checks.add(changed(crowd))
    await vi.advanceTimersByTimeAsync(storm.storedWithinMs)
    expect(checks).toMatchObject({ late: 3, open: 1 })
    checks.add(changed(crowd))
    expect(checks.shut()).toBe(3 + 2)
  })
})
