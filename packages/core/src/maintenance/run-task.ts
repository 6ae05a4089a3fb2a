import type { Connection } from '../engine/port.ts'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { lockWaitMs } from '../writer/begin.ts'
import {
  type CheckpointMode,
  type CheckpointResult,
  type MaintenanceResults,
  type MaintenanceTask,
  type OptimizeResult,
  sharedNowMs,
  type VacuumResult,
} from './task.ts'

/** Runs a task on the connection that writes; throws what SQLite throws. */
export function runTask(
  connection: Connection,
  task: MaintenanceTask,
): MaintenanceResults[MaintenanceTask['name']] {
  switch (task.name) {
    case 'checkpoint':
      return checkpoint(connection, task.mode)
    case 'optimize':
      return optimize(connection)
    case 'vacuum':
      return vacuum(connection)
    case 'probe':
      return { ranAtMs: sharedNowMs() }
  }
}

/**
 * Copies what can be copied, and empties the log only if that was all of it: TRUNCATE holds the write lock for as long as it
 * copies, so there should be nothing left to copy. Neither waits for a reader or another process.
 */
function checkpoint(connection: Connection, mode: CheckpointMode): CheckpointResult {
  const startedAt = performance.now()
  const { frames, copied } = runCheckpoint(connection, 'passive')
  const emptied = mode === 'truncate' && copied === frames && truncate(connection)
  return { mode, frames, copied, emptied, ms: performance.now() - startedAt }
}

/** Whoever is in the way is not waited for. @returns whether nobody was. */
function truncate(connection: Connection): boolean {
  connection.waitForLock(0)
  try {
    return !runCheckpoint(connection, 'truncate').busy
  } finally {
    connection.waitForLock(lockWaitMs(connection))
  }
}

/**
 * The pragma tells of a taken lock in its row, not by an error (https://sqlite.org/pragma.html#pragma_wal_checkpoint). A
 * negative number of frames means that another checkpoint was at work, so that nothing was even tried.
 */
function runCheckpoint(
  connection: Connection,
  mode: CheckpointMode,
): { busy: boolean; frames: number; copied: number } {
  const [busy, frames, copied] = connection
    .prepareOwn(`pragma wal_checkpoint(${mode})`)
    .firstArray(undefined) as [number, number, number]
  if (mode === 'passive' && busy === 1 && frames < 0) {
    throw new LockkeeperError(
      'Another connection is at a checkpoint of this file: try again, or leave it to that one',
      { code: 'sqlite-busy', stage: 'begin', outcome: 'not-stored', retryable: true },
    )
  }
  return { busy: busy === 1, frames: Math.max(0, frames), copied: Math.max(0, copied) }
}

/**
 * All tables are looked at, not only those that this connection queries: the readers' queries are not its own. 0x10 bounds
 * what ANALYZE reads, 1 lists what 2 would run (https://sqlite.org/pragma.html#pragma_optimize).
 */
const optimizeMask = { list: 0x10013, run: 0x10012 } as const

function optimize(connection: Connection): OptimizeResult {
  const startedAt = performance.now()
  const listed = connection.prepareOwn(`pragma optimize(${optimizeMask.list})`).arrays(undefined)
  if (listed.length > 0) connection.prepareOwn(`pragma optimize(${optimizeMask.run})`).arrays(undefined)
  return { statements: listed.map(([sql]) => String(sql)), ms: performance.now() - startedAt }
}

function vacuum(connection: Connection): VacuumResult {
  const startedAt = performance.now()
  const bytesBefore = sizeOf(connection)
  connection.prepareOwn('vacuum').run(undefined)
  return { bytesBefore, bytesAfter: sizeOf(connection), ms: performance.now() - startedAt }
}

function sizeOf(connection: Connection): number {
  const [bytes] = connection
    .prepareOwn('select page_count * page_size from pragma_page_count, pragma_page_size')
    .firstArray(undefined) as [number]
  return bytes
}
