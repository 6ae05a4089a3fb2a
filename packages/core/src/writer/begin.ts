import type { Connection } from '../engine/port.ts'
import { errorFromThrown, isBusy } from '../errors/from-sqlite.ts'
import type { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { beginPauseMsMax, beginWaitMs, sqliteBusyMs } from '../limits.ts'
import type { WriterControl } from './control.ts'

/** The extension's wait ends with the lock's release; SQLite's own sleeps, so there we wait between short tries. */
export const lockWaitMs = ({ signals }: Pick<Connection, 'signals'>): number =>
  signals === undefined ? sqliteBusyMs : beginWaitMs

export type BusyCounts = Record<string, number>

/**
 * Takes the write lock: BEGIN IMMEDIATE, tried again after short jittered pauses while another process has the lock. It
 * gives up soon, so that the mailbox can look at deadlines and urgency again, and comes back with the next batch.
 *
 * @returns the error if the lock could not be had; every busy answer met is counted, those that a later try cured too.
 */
export function beginImmediate(
  connection: Connection,
  control: WriterControl,
  busy: BusyCounts,
): LockkeeperError | undefined {
  const giveUpAt = performance.now() + beginWaitMs
  for (;;) {
    try {
      connection.prepareOwn('begin immediate').run(undefined)
      return undefined
    } catch (thrown) {
      const error = errorFromThrown(thrown, { stage: 'begin', outcome: 'not-stored' })
      if (!isBusy(error.code)) return error
      busy[error.code] = (busy[error.code] ?? 0) + 1
      if (control.leaveWanted || performance.now() >= giveUpAt) return error
      control.pause(Math.random() * beginPauseMsMax)
    }
  }
}
