import { isFinalFault } from '../supervision/faults.ts'
import { noRestarts } from '../supervision/restart-policy.ts'
import type { WriterContext } from './machine.ts'
import { faultIn } from './outcomes.ts'
import type { WriterEvent } from './thread-event.ts'

interface Seen {
  readonly context: WriterContext
  readonly event: WriterEvent
}

/** What the writer's machine asks of faults of the file and the disk. */
export const faultGuards = {
  /** Refused before there ever was a writer: whoever opens the database is told. */
  neverReady: ({ context }: Seen) => context.restarts.times === 0 && !context.wasReady,
  isFinal: ({ context }: Seen) => context.fault !== undefined && isFinalFault(context.fault),
  isSuspended: ({ context }: Seen) => context.fault !== undefined,
  isFault: ({ context, event }: Seen) => context.wasReady && faultIn(event) !== undefined,
  /** A thread that dies of a fault is replaced once without a word: most are gone by then. */
  isFirstFault: ({ context, event }: Seen) =>
    context.wasReady &&
    faultIn(event)?.isFinal === false &&
    (context.desk.hasCommitted || context.faults === 0),
}

/** How a writer's life begins, before anything has gone wrong. */
export const untroubled = {
  restarts: noRestarts,
  wasReady: false,
  fault: undefined,
  faults: 0,
  lastDeath: undefined,
  error: undefined,
} as const
