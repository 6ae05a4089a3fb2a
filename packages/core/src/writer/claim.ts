import { basename, dirname, join, resolve } from 'node:path'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { type FileMark, markOf, OpenFiles } from './open-files.ts'

/**
 * Which files are open in this process. POSIX locks belong to the process, so a second SQLite on the same file would drop
 * the first one's locks (https://www.sqlite.org/howtocorrupt.html, section 2.2). The registry lives on `globalThis`, so that
 * every copy of this package asks the same one.
 */
const registryKey = Symbol.for('lockkeeper.open-files')

function registry(): Set<string> {
  const holder = globalThis as { [registryKey]?: Set<string> }
  holder[registryKey] ??= new Set()
  return holder[registryKey]
}

/** A file's claim. It is held as long as anybody holds it: whoever opens the file, and every thread that has it open. */
export interface FileClaim {
  /**
   * Once the file exists: claims it by device and inode too, whatever it is called. Later on it must be the same one.
   * @throws LockkeeperError `file-replaced`, `already-open`
   */
  confirm(): void
  /**
   * Whether it is still the file that was confirmed, with the log that belongs to it: whoever opened another one would see, or
   * write, something else than the rest.
   * @throws LockkeeperError `file-replaced`
   */
  assertSame(): void
  /** Which file was confirmed, for threads: what they open must be that one. */
  readonly opened: FileMark | undefined
  /** One more holder, which is about to open it. The first is whoever made the claim. @throws LockkeeperError `file-replaced` */
  retain(): void
  /** One holder less; the last one gives the file free. */
  release(): void
}

/** @throws LockkeeperError `already-open`; `cannot-open` where the folder is missing. */
export function claimFile(file: string): FileClaim {
  const held = new Set<string>()
  const claim = (key: string | undefined): void => {
    if (key === undefined || held.has(key)) return
    if (registry().has(key)) throw alreadyOpen(file)
    registry().add(key)
    held.add(key)
  }
  let holders = 1
  const release = (): void => {
    if (--holders > 0) return
    for (const key of held) registry().delete(key)
    held.clear()
  }
  try {
    claim(nameKey(file))
    claim(inodeKey(file))
  } catch (thrown) {
    release()
    throw thrown
  }
  const files = new OpenFiles(file)
  const assertSame = (): void => {
    // Where no thread has the file open, SQLite has taken the log away itself.
    if (holders > 1) files.assertSame()
    else files.assertSameFile()
  }
  return {
    confirm: () => {
      files.assertSameFile()
      claim(inodeKey(file))
      files.confirm()
    },
    assertSame,
    get opened() {
      return files.opened
    },
    retain: () => {
      assertSame()
      holders++
    },
    release,
  }
}

/** By folder and name, which tells two openings of a file that does not exist yet. */
function nameKey(file: string): string {
  const path = resolve(file)
  const folder = inodeKey(dirname(path))
  if (folder === undefined) {
    throw new LockkeeperError(`The folder ${dirname(path)} does not exist: make it first`, {
      code: 'cannot-open',
      stage: 'open',
    })
  }
  return join(folder, basename(path))
}

function inodeKey(path: string): string | undefined {
  const mark = markOf(path)
  return mark === undefined ? undefined : `${mark.dev}:${mark.ino}`
}

function alreadyOpen(file: string): LockkeeperError {
  return new LockkeeperError(
    `${file} is open in this process already: share that database instead of opening the file again`,
    { code: 'already-open', stage: 'open' },
  )
}
