import { join } from 'node:path'
import { type Database, type OpenOptions, openDatabase } from '@lockkeeper/core'
import { tables } from './schema.ts'

/** A database with the bench's tables, at default settings but for what is named. */
export async function openBench(
  folder: string,
  options: Pick<OpenOptions, 'durability' | 'lanes' | 'readers' | 'inThreadReader' | 'signals'> = {},
): Promise<Database> {
  return openDatabase({
    file: join(folder, 'bench.db'),
    migrations: [{ set: 'bench', id: 1, name: 'tables', sql: tables }],
    ...options,
  })
}
