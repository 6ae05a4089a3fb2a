import type { Database } from '@lockkeeper/core'
import { loadBlockRows, loadCallers, loadWarmUpParts } from '../../limits.ts'
import type { Latencies } from '../../measure/latencies.ts'
import { LogSize } from '../../measure/log-size.ts'
import { LoopDelay } from '../../measure/loop-delay.ts'
import { countHashed, type HashedRow, insertHashed, makeBlocks } from '../../subjects/hashed-blobs.ts'
import { assertStored } from '../../subjects/schema.ts'
import type { Measurements } from '../../trials/trial.ts'
import { governorCounts } from './governor-counts.ts'

/**
 * A load of a given size through the sync lane, after a part of it to warm up. A given size, not a given time: with nobody to
 * keep it small the log grows as long as the load goes on.
 */
export class BulkLoad {
  readonly #db: Database
  readonly #blocks: HashedRow[][]
  readonly #warmUp: HashedRow[][]

  constructor(db: Database, rows: number) {
    this.#db = db
    this.#blocks = makeBlocks(rows, loadBlockRows)
    this.#warmUp = this.#blocks.splice(0, Math.ceil(this.#blocks.length / loadWarmUpParts))
  }

  /**
   * Runs all of it.
   * @param latencies what others record beside it: forgotten when the warm-up is over.
   */
  async measure(...latencies: readonly Latencies[]): Promise<Measurements> {
    const logSize = new LogSize(this.#db.report().file)
    await this.#run(this.#warmUp)
    const loopDelay = await LoopDelay.start()
    for (const some of latencies) some.reset()
    const startedAt = performance.now()
    await this.#run(this.#blocks)
    const elapsedMs = performance.now() - startedAt
    const sizes = { ...logSize.stop(), ...governorCounts(this.#db.report()) }
    const delays = await loopDelay.stop()
    const rows = rowsIn(this.#blocks)
    return { throughput: { value: (rows / elapsedMs) * 1_000, unit: 'rows/s' }, ...sizes, ...delays }
  }

  /** @throws Error unless the file holds all of it. */
  async assertStored(): Promise<void> {
    const stored = await this.#db.readValue(countHashed)
    assertStored(stored, rowsIn(this.#warmUp) + rowsIn(this.#blocks))
  }

  /** Callers take blocks in turn, and each hands in its next one when the last is acknowledged. */
  async #run(blocks: readonly HashedRow[][]): Promise<void> {
    const left = blocks.values()
    const call = async (): Promise<void> => {
      for (const block of left) await this.#db.writeMany(insertHashed, block, { lane: 'sync' })
    }
    await Promise.all(Array.from({ length: loadCallers }, call))
  }
}

const rowsIn = (blocks: readonly HashedRow[][]): number =>
  blocks.reduce((rows, block) => rows + block.length, 0)
