import type { LockkeeperError, ProcedureReference, TicketOutcome } from '@lockkeeper/core'
import { onEnded } from './watched-flush.ts'

/**
 * Sees how an actor's flushes end. A coalescer tries again for as long as a refusal says that it may help (a full disk, a lock
 * that another program holds), and whoever waits for its values would never hear why.
 */
export class FlushWatch {
  readonly #onChange: (trouble: LockkeeperError | undefined) => void
  #trouble: LockkeeperError | undefined

  /** @param onChange hears of the first failure, and of the first flush that works again. */
  constructor(onChange: (trouble: LockkeeperError | undefined) => void = () => {}) {
    this.#onChange = onChange
  }

  /** Why the last flush failed; undefined if it did not. */
  get trouble(): LockkeeperError | undefined {
    return this.#trouble
  }

  /** The same procedure, watched. */
  watch<Input, Output>(procedure: ProcedureReference<Input, Output>): ProcedureReference<Input, Output> {
    return onEnded(procedure, (_, outcome) => this.#note(outcome))
  }

  #note(outcome: TicketOutcome<unknown>): void {
    const trouble = 'error' in outcome && outcome.outcome !== 'committed' ? outcome.error : undefined
    const hasChanged = trouble?.code !== this.#trouble?.code
    this.#trouble = trouble
    if (hasChanged) this.#onChange(trouble)
  }
}
