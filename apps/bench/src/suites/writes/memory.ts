import type { Database } from '@lockkeeper/core'
import { queuedForMemory } from '../../limits.ts'
import { inTurn, makeTexts } from '../../subjects/bodies.ts'
import { openBench } from '../../subjects/lockkeeper.ts'
import { assertStored, countTexts, insertText } from '../../subjects/schema.ts'
import type { Measurement, Trial } from '../../trials/trial.ts'

/**
 * What a queued write weighs beyond its payload: the texts exist once, beside the writes, so what the heap grows by is
 * Lockkeeper's. A turn of the event loop that only writes gives the writer no chance to take any of them out.
 */
export const memoryQueued: Trial = async ({ folder }) => {
  const db = await openBench(folder, { lanes: { user: { capacity: queuedForMemory } } })
  const queued = await weigh(db, (write) => write)
  const awaited = await weigh(db, (write) => write.then())
  assertStored(await db.readValue(countTexts), 2 * queuedForMemory)
  await db.close()
  return { queued_write: queued, awaited_write: awaited }
}

async function weigh(
  db: Database,
  held: (ticket: ReturnType<Database['write']>) => PromiseLike<unknown>,
): Promise<Measurement> {
  const body = inTurn(makeTexts())
  const writes = new Array<PromiseLike<unknown> | undefined>(queuedForMemory).fill(undefined)
  const before = bytesInUse()
  for (let index = 0; index < queuedForMemory; index++) writes[index] = held(db.write(insertText, [body()]))
  const bytes = bytesInUse() - before
  await Promise.all(writes)
  return { value: bytes / queuedForMemory, unit: 'bytes' }
}

function bytesInUse(): number {
  if (globalThis.gc === undefined) throw new Error('Memory is counted under --expose-gc only')
  globalThis.gc()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
