import Database from 'better-sqlite3'

export interface Inspection {
  readonly integrity: string
  /** The names of all blobs, in order. */
  readonly cids: readonly string[]
}

/** Looks into a database that no process has open, with nothing of Lockkeeper's in between. */
export function inspectDatabase(file: string): Inspection {
  const database = new Database(file, { readonly: true })
  try {
    return {
      integrity: String(database.pragma('integrity_check', { simple: true })),
      cids: database.prepare('select cid from blobs order by cid').pluck().all() as string[],
    }
  } finally {
    database.close()
  }
}
