import type { Database } from '@lockkeeper/core'
import { Latencies } from '../../measure/latencies.ts'
import { measureRate } from '../../measure/measure-rate.ts'
import { SteadyLoad } from '../../measure/steady-load.ts'
import { inTurn, makeTexts } from '../../subjects/bodies.ts'
import { openBench } from '../../subjects/lockkeeper.ts'
import { assertStored, countTexts, type Durability, insertText } from '../../subjects/schema.ts'
import type { Trial } from '../../trials/trial.ts'

/**
 * So many callers, each awaiting one-row writes one after the other.
 * @param onOpen looks at the database before it is used: throws if that is not what is to be measured.
 */
export function callers(count: number, durability: Durability, onOpen?: (db: Database) => void): Trial {
  return async ({ folder, pace }) => {
    const db = await openBench(folder, { durability })
    onOpen?.(db)
    const body = inTurn(makeTexts())
    const latencies = new Latencies(count === 1 ? 'µs' : 'ms')
    const load = new SteadyLoad(count, async (caller) => {
      if (caller !== 0) {
        await db.write(insertText, [body()])
        return 1
      }
      // One caller is timed for all: timing each would cost as much as a tenth of the writes.
      const startedAt = performance.now()
      await db.write(insertText, [body()])
      latencies.add(performance.now() - startedAt)
      return 1
    })
    const measured = await measureRate(pace, () => load.acknowledged, latencies)
    await load.stop()
    assertStored(await db.readValue(countTexts), load.acknowledged)
    await db.close()
    return measured
  }
}
