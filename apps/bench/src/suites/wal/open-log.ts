import { join } from 'node:path'
import { type Checkpoints, type Database, openDatabase } from '@lockkeeper/core'
import { hashedTables } from '../../subjects/hashed-blobs.ts'

/** Lockkeeper at default settings, but for who keeps the log small. */
export function openLog(folder: string, checkpoints: Checkpoints): Promise<Database> {
  return openDatabase({
    file: join(folder, 'bench.db'),
    migrations: [{ set: 'bench', id: 1, name: 'tables', sql: hashedTables }],
    wal: { checkpoints },
  })
}
