import { realpathSync, statSync } from 'node:fs'
import type { Stage } from '../errors/codes.ts'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'

/**
 * The database file and its log as they were when they were opened. SQLite goes on in files that have been removed or replaced
 * under it, and what it commits there is gone when they are closed; so whoever commits asks first (promise 2).
 *
 * Only `stat`, a few µs once a batch: opening and closing the file would drop SQLite's locks.
 */
export class OpenFiles {
  readonly file: string
  #log = ''
  #fileWas: FileMark | undefined
  #logWas: FileMark | undefined

  /** @param opened the file that was opened before, in this process: it must be the same one. */
  constructor(file: string, opened?: FileMark) {
    this.file = file
    this.#fileWas = opened
  }

  get opened(): FileMark | undefined {
    return this.#fileWas
  }

  /**
   * The files that stand there now are the ones. To be called while they are open.
   * @throws LockkeeperError `file-replaced` where they can't be, since others were opened before.
   */
  confirm(): void {
    this.assertSameFile()
    // SQLite puts the log beside the file itself, not beside a link to it.
    this.#log = `${realpathSync(this.file)}-wal`
    this.#fileWas = markOf(this.file)
    this.#logWas = markOf(this.#log)
  }

  /** @throws LockkeeperError `file-replaced` where other files stand there, or none. */
  assertSame(stage: Stage = 'open'): void {
    this.assertSameFile(stage)
    if (this.hasLostLog) throw replaced(this.#log, 'put it back, or close and open the database', stage)
  }

  /** @throws LockkeeperError `file-replaced`, looking at the database file alone. */
  assertSameFile(stage: Stage = 'open'): void {
    if (this.hasLostFile) throw replaced(this.file, 'put the file back', stage)
  }

  get hasLostFile(): boolean {
    return !isSame(this.#fileWas, this.file)
  }

  /** Whether the log was removed or replaced. SQLite itself removes it only when the last connection closes. */
  get hasLostLog(): boolean {
    return !isSame(this.#logWas, this.#log)
  }
}

/** Which file it is, by device and inode, whatever it is called. */
export interface FileMark {
  readonly dev: bigint
  readonly ino: bigint
}

function isSame(was: FileMark | undefined, path: string): boolean {
  if (was === undefined) return true
  const now = markOf(path)
  return now !== undefined && now.ino === was.ino && now.dev === was.dev
}

export function markOf(path: string): FileMark | undefined {
  try {
    const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
    return stats && { dev: stats.dev, ino: stats.ino }
  } catch (cause) {
    throw new LockkeeperError(`${path} cannot be looked at: look at the disk before going on`, {
      code: 'sqlite-ioerr-fstat',
      stage: 'open',
      retryable: true,
      cause,
    })
  }
}

function replaced(path: string, remedy: string, stage: Stage): LockkeeperError {
  return new LockkeeperError(`${path} was removed or replaced while it was open: ${remedy}`, {
    code: 'file-replaced',
    stage,
  })
}
