import { Latencies } from '../../measure/latencies.ts'
import { measureRate } from '../../measure/measure-rate.ts'
import { openBench } from '../../subjects/lockkeeper.ts'
import { assertStored, countTexts } from '../../subjects/schema.ts'
import type { Trial } from '../../trials/trial.ts'
import { BackgroundFeeder } from './background-feeder.ts'
import { UserArrivals } from './user-arrivals.ts'

/** The background lane alone: all the writer gives when nobody else wants it. */
export const backgroundAlone: Trial = async ({ folder, pace }) => {
  const db = await openBench(folder)
  const feeder = new BackgroundFeeder(db)
  const window = { warmUpMs: pace.warmUpMs, windowMs: pace.mixedWindowMs }
  const measured = await measureRate(window, () => db.report().lanes.background.committed)
  const lane_filled = feeder.filled
  const acknowledged = await feeder.stop()
  assertStored(await db.readValue(countTexts), acknowledged)
  await db.close()
  return { ...measured, lane_filled }
}

/** The same with users coming by: what they wait, and what is left for the background. */
export const backgroundWithUsers: Trial = async ({ folder, pace }) => {
  const db = await openBench(folder)
  const feeder = new BackgroundFeeder(db)
  const latencies = new Latencies('ms')
  const users = new UserArrivals(db, latencies)
  const window = { warmUpMs: pace.warmUpMs, windowMs: pace.mixedWindowMs }
  const measured = await measureRate(window, () => db.report().lanes.background.committed, latencies)
  const lane_filled = feeder.filled
  const acknowledged = (await users.stop()) + (await feeder.stop())
  assertStored(await db.readValue(countTexts), acknowledged)
  await db.close()
  return { ...measured, lane_filled }
}
