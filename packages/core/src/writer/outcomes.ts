import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { notStored, type PendingWrite } from '../mailbox/pending-write.ts'

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
