import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import type { ReadClass } from './read-class.ts'

/** What reads are told that no reader of their class will come for. */
export function stoppedReaders(cause: LockkeeperError | undefined, of?: ReadClass): LockkeeperError {
  return new LockkeeperError(
    `Reading has stopped: every ${of === undefined ? '' : `${of} `}reader’s thread died too often (${cause?.message}). Close and open the database`,
    { code: 'reader-stopped', stage: 'read', cause },
  )
}
