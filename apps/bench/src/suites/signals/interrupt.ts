import { setTimeout as pause } from 'node:timers/promises'
import { type Database, isLockkeeperError } from '@lockkeeper/core'
import { runawayRows, runBeforeAbortMs } from '../../limits.ts'
import { Latencies } from '../../measure/latencies.ts'
import { inTurn, makeTexts, rowsFrom } from '../../subjects/bodies.ts'
import { openBench } from '../../subjects/lockkeeper.ts'
import { assertStored, countTexts, insertText } from '../../subjects/schema.ts'
import { fractions } from '../../subjects/xorshift.ts'
import type { Measurements, Trial, TrialSettings } from '../../trials/trial.ts'

/** Queries that end by themselves in hours at best: one that reads nothing, one that reads the same rows over and over. */
const runaways = [
  'with recursive numbers(n) as (select 1 union all select n + 1 from numbers) select count(*) from numbers',
  'select count(*) from texts a, texts b, texts c, texts d where a.body < b.body and c.body < d.body',
] as const

/**
 * From the abort of a runaway read to the answer of the next read on the same reader: there is only one. What the app
 * waits for is told sooner; this is when the connection is free again.
 */
export const interruptedRead: Trial = (settings) => {
  const runaway = inTurn(runaways)
  return timeReads(settings, (db, runMs) => abortOnce(db, runaway(), runMs))
}

/** The same read where nothing ran before it: what the way to the reader takes on this machine, as busy as it is. */
export const bareRead: Trial = (settings) =>
  timeReads(settings, async (db, runMs) => {
    await pause(runMs)
    const startedAt = performance.now()
    await db.readValue('select 1')
    return performance.now() - startedAt
  })

async function timeReads(
  { folder, pace }: TrialSettings,
  timeOne: (db: Database, runMs: number) => Promise<number>,
): Promise<Measurements> {
  const db = await openBench(folder, { readers: { interactive: 1 } })
  assertInterrupts(db)
  await db.writeMany(insertText, rowsFrom(makeTexts(), runawayRows))
  const latencies = new Latencies('ms')
  const random = fractions(1)
  for (let count = 0; count < pace.interrupts; count++) {
    latencies.add(await timeOne(db, 1 + runBeforeAbortMs * random()))
  }
  assertStored(await db.readValue(countTexts), runawayRows)
  await db.close()
  return { ...latencies.summary(), max: latencies.max() }
}

/** @returns how long it took until the reader answered again, in milliseconds. */
async function abortOnce(db: Database, runaway: string, runMs: number): Promise<number> {
  const controller = new AbortController()
  const read = db.readValue(runaway, [], { signal: controller.signal })
  const ended = read.then(
    () => assertAborted(undefined),
    (error: unknown) => assertAborted(error),
  )
  await pause(runMs)
  const abortedAt = performance.now()
  controller.abort()
  await db.readValue('select 1')
  const freeMs = performance.now() - abortedAt
  await ended
  return freeMs
}

function assertAborted(error: unknown): void {
  if (isLockkeeperError(error, 'aborted')) return
  throw new Error('A runaway read did not end by its signal', { cause: error })
}

function assertInterrupts(db: Database): void {
  const { interrupts, notice } = db.report().signals
  if (!interrupts) throw new Error(`Running statements can’t be interrupted here: ${notice}`)
}
