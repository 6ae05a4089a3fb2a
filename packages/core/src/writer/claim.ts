import { statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'

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
  /** Once the file exists: claims it by device and inode too, whatever it is called. */
  confirm(): void
  /** @throws LockkeeperError `cannot-open` where another file stands at the path than the one that was confirmed. */
  assertSame(): void
  /** One more holder. The first is whoever made the claim. */
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
  const retain = (): void => {
    holders++
  }
  let confirmed: string | undefined
  return {
    confirm: () => {
      confirmed = inodeKey(file)
      claim(confirmed)
    },
    assertSame: () => {
      if (confirmed !== undefined && inodeKey(file) !== confirmed) throw replaced(file)
    },
    retain,
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
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stats === undefined ? undefined : `${stats.dev}:${stats.ino}`
}

function alreadyOpen(file: string): LockkeeperError {
  return new LockkeeperError(
    `${file} is open in this process already: share that database instead of opening the file again`,
    { code: 'already-open', stage: 'open' },
  )
}

function replaced(file: string): LockkeeperError {
  return new LockkeeperError(
    `${file} was removed or replaced while it was open: put the file back, then close and open the database`,
    { code: 'cannot-open', stage: 'open' },
  )
}
