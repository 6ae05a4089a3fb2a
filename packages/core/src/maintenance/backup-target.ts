import { existsSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { nanoid } from 'nanoid'
import { isLockkeeperError, LockkeeperError } from '../errors/lockkeeper-error.ts'
import { claimFile, type FileClaim } from '../writer/claim.ts'
import { companions, nameCopy, removeCopy } from './copy-files.ts'

/**
 * Where a backup goes: a name of its own beside the target while it is made, the target's name once it is known to be sound.
 * As long as it is held nobody in this process can open the target as a database.
 */
export class BackupTarget {
  readonly file: string
  /** The copy's name until it is whole. A process that dies leaves it there. */
  readonly copy: string
  readonly #overwrite: boolean
  readonly #claim: FileClaim

  /** @throws LockkeeperError `invalid-argument`, `cannot-open`, `file-exists` */
  constructor(file: string, overwrite: boolean) {
    this.file = resolve(file)
    this.copy = `${this.file}.${nanoid(8)}.part`
    this.#overwrite = overwrite
    this.#claim = claim(this.file)
    try {
      this.#assertFree()
    } catch (thrown) {
      this.#claim.release()
      throw thrown
    }
  }

  /** @throws LockkeeperError `file-exists` where somebody has put a file there meanwhile. */
  async take(): Promise<void> {
    this.#assertFree()
    await nameCopy(this.copy, this.file)
  }

  removeCopy(): Promise<void> {
    return removeCopy(this.copy)
  }

  release(): void {
    this.#claim.release()
  }

  #assertFree(): void {
    const standing = statSync(this.file, { throwIfNoEntry: false })
    if (standing !== undefined && !this.#overwrite) {
      throw exists(`${this.file} exists already: name another file, or set overwrite`)
    }
    if (standing !== undefined && !standing.isFile()) {
      throw exists(`${this.file} is no file: name another one`)
    }
    // SQLite would take them for the new file's, and play them back into it.
    const left = companions.find((end) => existsSync(this.file + end))
    if (left !== undefined) {
      throw exists(
        `${this.file}${left} exists, so that ${this.file} is open somewhere or was not closed: name another file, or close it first`,
      )
    }
  }
}

function claim(file: string): FileClaim {
  try {
    return claimFile(file)
  } catch (thrown) {
    if (isLockkeeperError(thrown, 'already-open')) {
      throw new LockkeeperError(
        `${file} is open as a database in this process, or another backup goes there: name another file`,
        { code: 'invalid-argument', stage: 'admission' },
      )
    }
    if (isLockkeeperError(thrown, 'cannot-open')) {
      throw new LockkeeperError(`The folder ${dirname(file)} does not exist: make it first`, {
        code: 'cannot-open',
        stage: 'admission',
      })
    }
    throw thrown
  }
}

const exists = (message: string): LockkeeperError =>
  new LockkeeperError(message, { code: 'file-exists', stage: 'admission' })
