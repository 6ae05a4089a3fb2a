import { setTimeout as pause } from 'node:timers/promises'
import { type Pace, readArrivalsPerSecond } from '../limits.ts'
import { storm } from '../limits-peer-store.ts'
import type { Crowd } from '../subjects/storm-peers.ts'
import { fractions } from '../subjects/xorshift.ts'
import type { Measurements } from '../trials/trial.ts'
import { ChangeChecks, type ReadAddresses } from './change-checks.ts'
import { ConnectStorm, type ReportConnect } from './connect-storm.ts'
import { DueArrivals } from './due-arrivals.ts'
import { Latencies } from './latencies.ts'
import { LoopDelay } from './loop-delay.ts'
import { Waits } from './waits.ts'

/** What a storm is let loose on. */
export interface StormHost {
  readonly connect: ReportConnect
  /** What people read meanwhile: one of the settings, by its key. */
  readonly readSetting: (key: string) => Promise<unknown>
  readonly readAddresses: ReadAddresses
  /** Rows written for connects since this was last asked. @param answered callers who have had their answer meanwhile. */
  rowsWritten(answered: number): number
}

/** What else goes on while a storm is measured. */
export interface Beside {
  start(): void
  /** What came of it, asked when the window shuts. It goes on until those who check the storm are done, and who made it ends it. */
  measured(): Measurements
}

export const settingKey = (index: number): string => `setting-${index}`

const readSeed = 17
const keySeed = 19

/**
 * Reads alone, then in a storm of connects. The host knows all peers and settings already.
 * @param beside starts with the storm; its warm-up is over.
 * @returns what both took, and what became of the connects.
 */
export async function measureStorm(
  host: StormHost,
  crowd: Crowd,
  pace: Pace,
  beside?: Beside,
): Promise<Measurements> {
  const latencies = new Latencies('ms')
  const waits = new Waits(latencies)
  const key = fractions(keySeed)
  const people = new DueArrivals({
    perSecond: readArrivalsPerSecond,
    seed: readSeed,
    arrive: (dueMs) => waits.follow(dueMs, host.readSetting(settingKey(Math.floor(key() * storm.settings)))),
  })
  await warmUp(host, crowd, pace)
  latencies.reset()
  await pause(pace.stormAloneMs)
  waits.shut()
  const { p50: aloneP50, p99: aloneP99 } = latencies.summary()

  latencies.reset()
  host.rowsWritten(0) // forgotten: those of the warm-up
  const checks = new ChangeChecks(host.readAddresses)
  const loopDelay = await LoopDelay.start()
  beside?.start()
  const connecting = new ConnectStorm(crowd, host.connect, checks.add)
  const { waits: callers, costs } = connecting
  await pause(pace.stormMs)
  connecting.stop()
  people.stop()
  const unread = waits.shut()
  const unanswered = callers.shut()
  const besides = beside?.measured()
  const delays = await loopDelay.stop()
  const late = await untilChecked(checks)
  waits.assertNoneFailed()
  const { reported } = connecting
  const { p50, p99 } = latencies.summary()
  const { p50: costP50, p99: costP99 } = costs.summary()
  return {
    ...(costP50 && { connect_p50: costP50 }),
    ...(costP99 && { connect_p99: costP99 }),
    connect_max: costs.max(),
    connects: { value: reported, unit: 'count' },
    connects_unanswered: { value: unanswered, unit: 'count' },
    connects_failed: { value: callers.failed, unit: 'count' },
    rows_written: { value: host.rowsWritten(callers.answered), unit: 'count' },
    changes: { value: checks.changes, unit: 'count' },
    changes_late: { value: late, unit: 'count' },
    ...(aloneP50 && { alone_p50: aloneP50 }),
    ...(aloneP99 && { alone_p99: aloneP99 }),
    ...(p50 && { read_p50: p50 }),
    ...(p99 && { read_p99: p99 }),
    reads_unanswered: { value: unread, unit: 'count' },
    ...besides,
    ...delays,
  }
}

/** Reads that come anyway, and a short storm that is over when all its callers have their answer. */
async function warmUp(host: StormHost, crowd: Crowd, pace: Pace): Promise<void> {
  await pause(pace.readsWarmUpMs)
  const connecting = new ConnectStorm(crowd, host.connect, () => {})
  await pause(pace.warmUpMs)
  connecting.stop()
  while (connecting.waits.open > 0) await pause(storm.tickMs)
  connecting.waits.shut()
}

/** All changes but those of a subject that has fallen behind have been looked for soon after their time. */
async function untilChecked(checks: ChangeChecks): Promise<number> {
  const endAt = performance.now() + storm.storedWithinMs + storm.checkGraceMs
  while (checks.open > 0 && performance.now() < endAt) await pause(storm.tickMs)
  return checks.shut()
}
