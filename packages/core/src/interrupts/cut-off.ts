import type { Clock } from '../clock.ts'
import { cutOffPauseMs, cutOffPauseMsMax } from '../limits.ts'
import type { Interrupter } from './interrupter.ts'
import type { WorkGate } from './work-gate.ts'

/** What is to be cut off, and with what. */
export interface CutOffParts {
  readonly gate: WorkGate
  /** The number under which the work passes the gate. */
  readonly work: number
  /** The connection that it runs on. */
  readonly connection: number
  readonly interrupter: Interrupter
  readonly clock: Clock
}

/**
 * Cuts a piece of work off: interrupts its connection at once, and again after growing pauses until told that it has been
 * answered. Once is not enough, because SQLite forgets an interrupt that arrives between two statements
 * (https://www.sqlite.org/c3ref/interrupt.html); and the work may not have begun yet.
 */
export class CutOff {
  readonly #parts: CutOffParts
  #pauseMs = cutOffPauseMs
  #timer: unknown

  constructor(parts: CutOffParts) {
    this.#parts = parts
    this.#fire()
  }

  get work(): number {
    return this.#parts.work
  }

  /** The work has ended, one way or another. */
  answered(): void {
    this.#parts.clock.clearTimeout(this.#timer)
  }

  #fire(): void {
    const { gate, work, connection, interrupter, clock } = this.#parts
    gate.interruptIf(work, () => interrupter.interrupt(connection))
    this.#timer = clock.setTimeout(() => this.#fire(), this.#pauseMs)
    this.#pauseMs = Math.min(this.#pauseMs * 2, cutOffPauseMsMax)
  }
}
