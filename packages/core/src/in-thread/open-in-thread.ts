import type { Connection } from '../engine/port.ts'
import { loadSetup } from '../procedures/connection-setup.ts'
import type { FileClaim } from '../writer/claim.ts'
import { OpenFiles } from '../writer/open-files.ts'

export interface OpenInThreadOptions {
  readonly file: string
  readonly claim: FileClaim
  /** The app's set-up module. What an index needs, the reads of this thread need too. */
  readonly connection: URL | undefined
}

/**
 * Opens the app thread's connection: read-only, with the rules of every reader. Only here does SQLite come into this thread.
 *
 * @throws LockkeeperError `cannot-open`, `setup-not-loaded`, or SQLite's own.
 */
export async function openInThread({ file, claim, connection }: OpenInThreadOptions): Promise<Connection> {
  const setup = await loadSetup(connection?.href)
  const { betterSqlite3 } = await import('../engine/better-sqlite3.ts')
  claim.assertSame()
  const reader = betterSqlite3.openReader(file, { setup })
  new OpenFiles(file, claim.opened).assertSameFile()
  // SQLite would sleep for a lock, and the event loop with it (promise 16).
  reader.waitForLock(0)
  return reader
}
