import type { ProcedureReference, TicketOutcome } from '@lockkeeper/core'

/** The same procedure; each call's end is told. */
export function onEnded<Input, Output>(
  { name, call }: ProcedureReference<Input, Output>,
  tell: (input: Input, outcome: TicketOutcome<Output>) => void,
): ProcedureReference<Input, Output> {
  return {
    name,
    call: (input, options) => {
      const ticket = call(input, options)
      void ticket.outcome().then((outcome) => tell(input, outcome))
      return ticket
    },
  }
}

/**
 * The same procedure, for an actor that must know which of its values were stored: `onStored` hears the result of each flush
 * that was committed, `onLost` the values of each that was not, or of which nobody can say.
 */
export function watchedFlush<Value>(
  flush: ProcedureReference<Value[], number>,
  hooks: {
    readonly onStored: (values: readonly Value[], rowsWritten: number) => void
    readonly onLost?: ((values: readonly Value[]) => void) | undefined
  },
): ProcedureReference<Value[], number> {
  return onEnded(flush, (values, outcome) => {
    if ('result' in outcome) hooks.onStored(values, outcome.result)
    else if (outcome.outcome === 'committed')
      hooks.onStored(values, 0) // its result was lost with its thread
    else hooks.onLost?.(values)
  })
}
