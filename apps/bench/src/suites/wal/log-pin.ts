import { setTimeout as pause } from 'node:timers/promises'
import { type Database, isLockkeeperError } from '@lockkeeper/core'
import { pinReadEveryMs, trialMsMax } from '../../limits.ts'
import { countTexts } from '../../subjects/schema.ts'
import type { Measurements } from '../../trials/trial.ts'

/**
 * Somebody who reads on in one old state, and begins anew whenever that state is taken away: one snapshot after the other, so
 * that the log is pinned from before a load until after it.
 */
export class LogPin {
  readonly #db: Database
  readonly #begun = Promise.withResolvers<void>()
  readonly #repeated: Promise<void>
  #released = false
  #snapshots = 0
  #ended = 0

  private constructor(db: Database) {
    this.#db = db
    this.#repeated = this.#repeat()
    this.#repeated.catch(this.#begun.reject) // release() tells it, unless it never began
  }

  /** Pins the log; it is pinned when this answers. */
  static async set(db: Database): Promise<LogPin> {
    const pin = new LogPin(db)
    await pin.#begun.promise
    return pin
  }

  /** @throws whatever a snapshot failed with, but for being ended because it pinned the log. */
  async release(): Promise<Measurements> {
    this.#released = true
    await this.#repeated
    return {
      snapshots: { value: this.#snapshots, unit: 'count' },
      snapshots_ended: { value: this.#ended, unit: 'count' },
    }
  }

  async #repeat(): Promise<void> {
    while (!this.#released) {
      try {
        await this.#pinOnce()
      } catch (error) {
        if (!isPinned(error)) throw error
        this.#ended++
      }
    }
  }

  async #pinOnce(): Promise<void> {
    await this.#db.snapshot(
      async (snapshot) => {
        this.#snapshots++
        this.#begun.resolve()
        while (!this.#released) {
          await snapshot.readValue(countTexts)
          await pause(pinReadEveryMs)
        }
      },
      { class: 'background', label: 'bench.pin', ageMsMax: trialMsMax },
    )
  }
}

function isPinned(error: unknown): boolean {
  const code: string | undefined = isLockkeeperError(error) ? error.code : undefined
  return code === 'wal-pinned'
}
