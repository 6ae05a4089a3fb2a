import { setImmediate as nextTurn } from 'node:timers/promises'
import { serialWritesPerTurn } from '../limits.ts'
import { Latencies } from '../measure/latencies.ts'
import { measureRate } from '../measure/measure-rate.ts'
import { SteadyLoad } from '../measure/steady-load.ts'
import { inTurn, makeTexts } from '../subjects/bodies.ts'
import { assertStored, countTexts, type Durability, insertText } from '../subjects/schema.ts'
import type { Measurements, Trial, TrialSettings } from '../trials/trial.ts'
import { openRaw, readValue } from './raw-connection.ts'

/** So many callers, one write each per turn of the event loop, every write a transaction of its own. */
export function autocommit(callers: number, durability: Durability): Trial {
  return (settings) =>
    measure(settings, durability, (write) => {
      for (let caller = 0; caller < callers; caller++) write()
      return callers
    })
}

/** One write after the other; how long each took. */
export const oneByOne: Trial = (settings) => {
  const latencies = new Latencies('µs')
  const turn = (write: () => void): number => {
    for (let count = 0; count < serialWritesPerTurn; count++) {
      const startedAt = performance.now()
      write()
      latencies.add(performance.now() - startedAt)
    }
    return serialWritesPerTurn
  }
  return measure(settings, 'process', turn, latencies)
}

async function measure(
  { folder, pace }: TrialSettings,
  durability: Durability,
  turn: (write: () => void) => number,
  latencies?: Latencies,
): Promise<Measurements> {
  const database = openRaw(folder, durability)
  const statement = database.prepare(insertText)
  const body = inTurn(makeTexts())
  const write = (): void => {
    statement.run(body())
  }
  const load = new SteadyLoad(1, async () => {
    const acknowledged = turn(write)
    await nextTurn()
    return acknowledged
  })
  const measured = await measureRate(pace, () => load.acknowledged, latencies)
  await load.stop()
  assertStored(readValue(database, countTexts), load.acknowledged)
  database.close()
  return measured
}
