import { setTimeout as pause } from 'node:timers/promises'
import type { Database } from '@lockkeeper/core'
import { overlap, pageOfReads } from '../../limits.ts'
import { Latencies } from '../../measure/latencies.ts'
import { SteadyLoad } from '../../measure/steady-load.ts'
import { makeTexts, rowsFrom } from '../../subjects/bodies.ts'
import { assertStored, countTexts, insertText } from '../../subjects/schema.ts'
import { selectSlow } from '../../subjects/table.ts'
import { fractions } from '../../subjects/xorshift.ts'
import type { Measurements } from '../../trials/trial.ts'

const readSeed = 7

/**
 * Reads of different lengths in both classes, one after the other without a pause: pages that read now and then in one state, one
 * at a time in each class, and a query. Each ends soon, but hardly ever do all of them end before another begins, and a log can
 * start anew only when none of them looks into it. Pages cost little, so that the load has the CPU.
 */
export class OverlappingReaders {
  readonly latencies = new Latencies('ms')
  readonly #db: Database
  readonly #load: SteadyLoad
  readonly #random = fractions(readSeed)

  private constructor(db: Database) {
    this.#db = db
    const turns = [() => this.#page('interactive'), () => this.#page('background'), () => this.#query()]
    this.#load = new SteadyLoad(turns.length, async (caller) => {
      await turns[caller]?.()
      return 1
    })
  }

  /** Makes what they read, and sets them to work. */
  static async start(db: Database): Promise<OverlappingReaders> {
    const rows = rowsFrom(makeTexts(), overlap.tableRows)
    while (rows.length > 0) await db.writeMany(insertText, rows.splice(0, 1_000))
    return new OverlappingReaders(db)
  }

  async stop(): Promise<Measurements> {
    const { p50, p99 } = this.latencies.summary()
    await this.#load.stop()
    return {
      pages_and_reads: { value: this.#load.acknowledged, unit: 'count' },
      ...(p50 && { read_p50: p50 }),
      ...(p99 && { read_p99: p99 }),
    }
  }

  async #query(): Promise<void> {
    const { rowsMin, rowsMax } = overlap
    const rows = Math.floor(this.#between(rowsMin, rowsMax))
    const startedAt = performance.now()
    await this.#db.readValue(selectSlow, [rows])
    this.latencies.add(performance.now() - startedAt)
  }

  async #page(inClass: 'interactive' | 'background'): Promise<void> {
    const { msMin, msMax, readEveryMs } = pageOfReads
    const lengthMs = this.#between(msMin, msMax)
    await this.#db.snapshot(
      async (snapshot) => {
        const startedAt = performance.now()
        const rows = await snapshot.readValue(countTexts)
        while (performance.now() - startedAt < lengthMs) {
          await pause(readEveryMs)
          assertStored(await snapshot.readValue(countTexts), Number(rows))
        }
      },
      { class: inClass },
    )
  }

  #between(least: number, most: number): number {
    return least + this.#random() * (most - least)
  }
}
