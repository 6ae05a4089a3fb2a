// A wait for the write lock ends when the lock is given up, however that comes about (promise 3: a write that waits for another
// process comes to its outcome). Who gives it up wakes the first in the queue. A holder that is killed, or calls process.exit in
// its transaction, wakes nobody: the waiter finds out by itself that it is gone.
import { type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Contender } from './contender.ts'
import { bodiesIn, makeDatabase } from './extension.ts'
import { describeWithSignals } from './found.ts'

let folder: TemporaryFolder
let file: string

beforeEach(async () => {
  folder = await temporaryFolder()
  file = folder.file('a.db')
  makeDatabase(file)
})

afterEach(() => folder[Symbol.asyncDispose]())

/*
 * A waiter also looks by itself ten times a second, and may so by chance come before a release that is just about to wake it.
 * So there are several handovers, of which most must be wake-ups: without them, none would be.
 */
const handovers = 7
const wokenMin = 4

describeWithSignals('a process that waits for the lock', () => {
  /*
   * the holder        the waiter
   * ----------        ----------
   * BEGIN IMMEDIATE
   *                   BEGIN IMMEDIATE …
   * COMMIT
   *                   … woken, has the lock
   */
  it.each(['commit', 'rollback', 'close'] as const)('is woken by a %s', async (ending) => {
    await using holder = await Contender.start({ file, name: 'holder', ending })
    await using waiter = await Contender.start({ file, name: 'waiter' })
    let woken = 0
    for (let round = 1; round <= handovers; round++) {
      await holder.takesFree()
      await waiter.queues()
      await holder.release()
      const waits = await waiter.takes()
      expect(waits).toMatchObject({ waits: round, timedOut: 0, deferred: 0 })
      ;({ woken } = waits)
      await waiter.release()
    }
    expect(woken).toBeGreaterThanOrEqual(wokenMin)
    expect(woken).toBeLessThanOrEqual(handovers)
    expect(bodiesIn(file).filter((body) => body === 'waiter')).toHaveLength(handovers)
    expect(bodiesIn(file).filter((body) => body === 'holder')).toHaveLength(
      ending === 'commit' ? handovers : 0,
    )
  })

  it('is woken by the end of the holder’s process, whose work is gone', async () => {
    await using waiter = await Contender.start({ file, name: 'waiter' })
    let woken = 0
    for (let round = 1; round <= handovers; round++) {
      await using holder = await Contender.start({ file, name: 'holder', ending: 'end' })
      await holder.takesFree()
      await waiter.queues()
      await holder.release()
      expect(await holder.exited).toEqual({ code: 0, signal: null, stderr: '' })
      ;({ woken } = await waiter.takes())
      await waiter.release()
    }
    expect(woken).toBeGreaterThanOrEqual(wokenMin)
    expect(new Set(bodiesIn(file))).toEqual(new Set(['waiter']))
  })

  it.each(['exit', 'kill'] as const)(
    'misses a holder whose process ended by %s, without being woken',
    async (end) => {
      await using holder = await Contender.start({ file, name: 'holder', ending: 'exit' })
      await using waiter = await Contender.start({ file, name: 'waiter' })
      await holder.takesFree()
      await waiter.queues()
      if (end === 'exit') await holder.release()
      else await holder.kill()
      expect(await holder.exited).toMatchObject(end === 'exit' ? { code: 0 } : { signal: 'SIGKILL' })
      const { woken, polled, timedOut } = await waiter.takes()
      expect({ woken, timedOut }).toEqual({ woken: 0, timedOut: 0 })
      expect(polled).toBeGreaterThan(0)
      await waiter.release()
      expect(bodiesIn(file)).toEqual(['waiter'])
    },
  )
})
