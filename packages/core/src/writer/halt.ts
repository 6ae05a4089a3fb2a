import type { Connection } from '../engine/port.ts'
import { errorFromThrown } from '../errors/from-sqlite.ts'
import type { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { threadLeaveMs } from '../limits.ts'
import { faultOf } from '../supervision/faults.ts'
import { forbidsWriting } from './answer-sheet.ts'
import type { CommitRecords } from './commit-record.ts'
import type { OpenFiles } from './open-files.ts'

export interface HaltParts {
  readonly connection: Connection
  readonly records: CommitRecords
  readonly files: OpenFiles
}

/**
 * An item met a fault. That may have been its own (a row for which the disk has no room) or everybody's: the smallest commit
 * that there is, tried at once, tells.
 * @returns why nothing can be committed, if nothing can.
 */
export function whyHalted(parts: HaltParts, met: LockkeeperError): LockkeeperError | undefined {
  if (forbidsWriting(met)) return met
  const { connection, records, files } = parts
  try {
    files.assertSame('commit')
    connection.prepareOwn('begin immediate').run(undefined)
    records.touch()
    connection.prepareOwn('commit').run(undefined)
    return undefined
  } catch (thrown) {
    const error = errorFromThrown(thrown, { stage: 'commit', outcome: 'not-stored' })
    giveLockBack(connection)
    return faultOf(error.code) === undefined ? undefined : error
  }
}

/** Others may be able to write where this thread is not. */
function giveLockBack(connection: Connection): void {
  try {
    if (connection.inTransaction) connection.prepareOwn('rollback').run(undefined)
  } catch {
    // The disk fails: closing gives it back.
  }
}

/**
 * What the thread does before it leaves where the files are no longer those it opened. A log that has lost its name is gone with
 * its last handle, and what was acknowledged with it: so it is copied into the file while this handle is there. And a log whose
 * file was replaced would be taken for the new file's at the next opening, and spoil it: so it is emptied.
 */
export function saveLog({ connection, files }: HaltParts): void {
  try {
    if (connection.inTransaction) connection.script('rollback')
    if (!files.hasLostFile && !files.hasLostLog) return
    connection.waitForLock(threadLeaveMs)
    connection.prepareOwn('pragma wal_checkpoint(truncate)').firstArray(undefined)
  } catch {
    // The disk fails as well: nothing more can be done from here.
  }
}
