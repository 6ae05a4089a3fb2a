import { backgroundClock, systemClock } from '../clock.ts'
import type { ReadDesk } from '../readers/desk.ts'
import { channels } from '../telemetry/channels/channels.ts'
import { EventLoopLag } from '../telemetry/event-loop-lag.ts'
import { Ledger } from '../telemetry/ledger.ts'
import type { LedgerReport } from '../telemetry/ledger-report.ts'
import type { ResolvedTelemetry } from '../telemetry/options.ts'
import { Plans } from '../telemetry/plans.ts'
import type { CheckpointRun } from '../wal/checkpoint.ts'
import { explainOn } from './explain.ts'

/** The ledger of an open database, with what it needs of the app's thread: the state of its event loop, and plans from readers. */
export class Telemetry {
  readonly ledger: Ledger
  readonly #eventLoop = new EventLoopLag()
  #plans: Plans | undefined

  readonly #database: string

  constructor(options: ResolvedTelemetry, database: string) {
    this.#database = database
    this.ledger = new Ledger(systemClock, options, database)
  }

  /** From now on the plans of slow statements are asked for. */
  explainOn(desk: ReadDesk): void {
    const plans = new Plans(backgroundClock, explainOn(desk))
    this.#plans = plans
    this.ledger.slow.onStatement = (sql) => plans.want(sql)
  }

  /** Tells those who listen of a checkpoint that has just ended. */
  checkpointed(by: 'checkpointer' | 'writer', { ms, size, beginsAnew, error }: CheckpointRun): void {
    if (!channels.checkpoint.hasSubscribers) return
    const endedAtMs = systemClock.now()
    channels.checkpoint.publish({
      ...{ database: this.#database, by, startedAtMs: endedAtMs - ms, endedAtMs },
      ...{ logBytes: size?.logBytes, copiedBytes: size?.copiedBytes, beginsAnew, errorCode: error?.code },
    })
  }

  report(): LedgerReport {
    return this.ledger.report({
      planOf: (sql) => this.#plans?.of(sql),
      eventLoop: this.#eventLoop.report(),
    })
  }

  stop(): void {
    this.#plans?.end()
    this.#eventLoop.stop()
  }
}
