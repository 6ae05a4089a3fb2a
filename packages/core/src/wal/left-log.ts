import { statSync } from 'node:fs'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'

/**
 * SQLite takes a log for a left-over where the file has no page, and deletes it at the first read, read-only or not
 * (`pagerOpenWalIfPresent`). Of a file that was cut off or made anew, the log may be all that is left of what was acknowledged.
 *
 * @throws LockkeeperError `cannot-open`
 */
export function assertLogStays(file: string): void {
  // The log first: who makes a new file writes its first page before its log.
  const logBytes = sizeOf(`${file}-wal`) ?? 0
  if (logBytes === 0 || sizeOf(file) !== 0) return
  throw new LockkeeperError(
    `${file} is empty, and SQLite would delete the ${logBytes} bytes of log beside it: keep a copy of its -wal, which may hold the last commits, and move it away before anything opens the file`,
    { code: 'cannot-open', stage: 'open' },
  )
}

/** By stat alone: opening and closing one of these would drop the locks that SQLite has on it in this process. */
const sizeOf = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.size
