import { CutOff } from '../interrupts/cut-off.ts'
import type { WorkGate } from '../interrupts/work-gate.ts'
import type { SeatOptions } from './seat-desk.ts'

/** The one cut-off that a seat may have under way: of what its thread runs, for whoever has given it up. */
export class SeatCutOff {
  readonly #options: SeatOptions
  #current: CutOff | undefined

  constructor(options: SeatOptions) {
    this.#options = options
  }

  /** @returns whether it has begun; not without the signals extension, nor twice for the same work. */
  begin(gate: WorkGate, work: number, connection: number | undefined): boolean {
    const { interrupter, clock } = this.#options
    if (this.#current?.work === work || interrupter === undefined || connection === undefined) return false
    // Of a read before it in the same message, which has ended.
    this.#current?.answered()
    this.#current = new CutOff({ gate, work, connection, interrupter, clock })
    return true
  }

  /** Its thread has answered, or gone. @returns whether one was under way. */
  end(): boolean {
    if (this.#current === undefined) return false
    this.#current.answered()
    this.#current = undefined
    return true
  }

  /** Its thread has been told to end, whatever it runs. */
  interruptAnything(connection: number | undefined): void {
    if (connection !== undefined) this.#options.interrupter?.interrupt(connection)
  }
}
