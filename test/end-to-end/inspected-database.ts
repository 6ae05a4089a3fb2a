import Database from 'better-sqlite3'

export interface Inspection {
  readonly integrity: string
  /** The multihashes of all blobs, in order. */
  readonly multihashes: readonly string[]
}

/** Looks into a database that no process has open, with nothing of Lockkeeper's in between. */
export function inspectDatabase(file: string): Inspection {
  const database = new Database(file, { readonly: true })
  try {
    return {
      integrity: String(database.pragma('integrity_check', { simple: true })),
      multihashes: database
        .prepare('select hex(multihash) from blobs order by multihash')
        .pluck()
        .all() as string[],
    }
  } finally {
    database.close()
  }
}
