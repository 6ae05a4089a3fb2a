import type { Database, OpenOptions } from '@lockkeeper/core'
import { openBench } from '../../subjects/lockkeeper.ts'
import { assertSettings } from '../../subjects/table.ts'

/** Lockkeeper on the table that is there, at default settings but for what is named. */
export async function openTable(
  folder: string,
  options: Pick<OpenOptions, 'inThreadReader'> = {},
): Promise<Database> {
  const db = await openBench(folder, options)
  await assertSettings((sql) => db.readValue(sql))
  return db
}
