import type { Engine } from '../engine/port.ts'
import { sqliteBusyMs } from '../limits.ts'
import type { SetupFunction } from '../procedures/connection-setup.ts'
import { backupProblemsMax } from './limits.ts'

/** What a look at a finished copy found. */
export interface CopyCheck {
  readonly pages: number
  readonly bytes: number
  /** What is wrong with it, in SQLite's words; nothing for a sound one. */
  readonly problems: readonly string[]
}

/**
 * Reads all of a copy and checks it. First it is taken out of WAL mode, so that it is one file, which can be read from a folder
 * or medium that nobody may write to; opened as a database it gets its log again. The app's own set-up is needed: an index
 * that uses a collation can't be checked without it.
 */
export function checkCopy(engine: Engine, file: string, setup: SetupFunction | undefined): CopyCheck {
  const writer = engine.openWriter(file, { busyMs: sqliteBusyMs })
  try {
    writer.prepareOwn('pragma journal_mode = delete').firstArray(undefined)
  } finally {
    writer.close()
  }
  const reader = engine.openReader(file, { setup })
  try {
    const found = reader.prepareOwn(`pragma integrity_check(${backupProblemsMax})`).arrays(undefined)
    const problems = found.map(([problem]) => String(problem)).filter((problem) => problem !== 'ok')
    const [pages, pageBytes] = reader
      .prepareOwn('select page_count, page_size from pragma_page_count, pragma_page_size')
      .firstArray(undefined) as [number, number]
    return { pages, bytes: pages * pageBytes, problems }
  } finally {
    reader.close()
  }
}
