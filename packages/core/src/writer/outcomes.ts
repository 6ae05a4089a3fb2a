import { errorFromThrown, sqliteCodeOf } from '../errors/from-sqlite.ts'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { notStored, type PendingWrite } from '../mailbox/pending-write.ts'
import { faultOf, isFinalFault } from '../supervision/faults.ts'

export function rowsLost(write?: PendingWrite): LockkeeperError {
  return notStored(
    'The writer’s thread died with the rows of this bulk write, so it was not run: call it again',
    {
      code: 'thread-lost',
      label: write?.label,
      retryable: true,
    },
  )
}

export function resultLost(write: PendingWrite): LockkeeperError {
  return new LockkeeperError(
    'The write is committed, but the writer’s thread died before it could answer: read what you need',
    {
      code: 'result-lost',
      stage: 'answer',
      outcome: 'committed',
      label: write.label,
    },
  )
}

export function poisonous(write: PendingWrite): LockkeeperError {
  return new LockkeeperError(
    `The writer’s thread died ${write.strikes} times while it ran this write, so it is not tried again`,
    { code: 'thread-lost', stage: 'execute', outcome: 'not-stored', label: write.label },
  )
}

export function refusedFor(reason: LockkeeperError, write: PendingWrite): LockkeeperError {
  return notStored(reason.message, { code: reason.code, label: write.label, cause: reason.cause })
}

/** Nothing can be written now. @param retryAfterMs when to try again; undefined where waiting won't help. */
export function suspendedFor(
  reason: LockkeeperError,
  write: PendingWrite,
  retryAfterMs: number | undefined,
): LockkeeperError {
  return notStored(reason.message, {
    code: reason.code,
    label: write.label,
    retryable: retryAfterMs !== undefined,
    retryAfterMs,
    cause: reason.cause,
  })
}

export function outcomeUnknown(reason: LockkeeperError, write: PendingWrite): LockkeeperError {
  return new LockkeeperError(
    `${reason.message} It was running, so it may or may not be stored: look before repeating it`,
    {
      code: reason.code,
      stage: 'commit',
      outcome: 'unknown',
      label: write.label,
      cause: reason.cause,
    },
  )
}

export function closedError(): LockkeeperError {
  return new LockkeeperError('The database is closed: open it again to write', {
    code: 'closed',
    stage: 'admission',
  })
}

/** @param times how often the thread has died in a row, and what of at last. */
export function stoppedError(times: number, lastDeath: LockkeeperError | undefined): LockkeeperError {
  return new LockkeeperError(
    `Writing has stopped: the writer’s thread died ${times} times in a row. Reads go on; close and open the database to write again.`,
    { code: 'writer-stopped', stage: 'admission', cause: lastDeath },
  )
}

/**
 * The fault of the file or the disk that an event of the writer's tells of: as its error, or as what its thread died of.
 * @returns undefined where it tells of none.
 */
export function faultIn(event: {
  readonly type: string
  readonly error?: LockkeeperError
  readonly cause?: LockkeeperError
}): { readonly error: LockkeeperError; readonly isFinal: boolean } | undefined {
  const told = event.error ?? event.cause
  if (told === undefined) return undefined
  const error =
    sqliteCodeOf(told.cause) === undefined || faultOf(told.code) !== undefined
      ? told
      : errorFromThrown(told.cause, { stage: 'commit' })
  return faultOf(error.code) === undefined ? undefined : { error, isFinal: isFinalFault(error) }
}
