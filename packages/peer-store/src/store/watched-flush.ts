import type { ProcedureReference, TicketOutcome } from '@lockkeeper/core'

/**
 * The same procedure, for an actor that must know which of its values were stored: `onStored` hears the result of each flush
 * that was committed, `onLost` the values of each that was not, or of which nobody can say.
 */
export function watchedFlush<Value>(
  { name, call }: ProcedureReference<Value[], number>,
  hooks: {
    readonly onStored: (values: readonly Value[], rowsWritten: number) => void
    readonly onLost?: ((values: readonly Value[]) => void) | undefined
  },
): ProcedureReference<Value[], number> {
  const note = (values: readonly Value[], outcome: TicketOutcome<number>): void => {
    if ('result' in outcome) hooks.onStored(values, outcome.result)
    else if (outcome.outcome === 'committed')
      hooks.onStored(values, 0) // its result was lost with its thread
    else hooks.onLost?.(values)
  }
  return {
    name,
    call: (values, options) => {
      const ticket = call(values, options)
      void ticket.outcome().then((outcome) => note(values, outcome))
      return ticket
    },
  }
}
