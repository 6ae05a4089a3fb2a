import type { Connection } from '../engine/port.ts'
import type { FileSettings } from './types.ts'

const autoVacuums = ['none', 'full', 'incremental'] as const

export function readSettings(connection: Connection): FileSettings {
  const pragma = (name: string): unknown => connection.prepareOwn(`pragma ${name}`).firstArray(undefined)?.[0]
  const names = (sql: string): string[] =>
    connection
      .prepareOwn(sql)
      .arrays(undefined)
      .map(([name]) => String(name))
  return {
    // Asked first: it reads the file, which opening alone does not.
    pages: Number(pragma('page_count')),
    journalMode: String(pragma('journal_mode')),
    pageBytes: Number(pragma('page_size')),
    freePages: Number(pragma('freelist_count')),
    autoVacuum: autoVacuums[Number(pragma('auto_vacuum'))] ?? 'none',
    encoding: String(pragma('encoding')),
    userVersion: Number(pragma('user_version')),
    applicationId: Number(pragma('application_id')),
    tablesWithForeignKeys: names(`
      select distinct t.name from sqlite_schema t join pragma_foreign_key_list(t.name)
      where t.type = 'table' order by t.name`),
    hasStatistics: names("select name from sqlite_schema where name = 'sqlite_stat1'").length > 0,
  }
}
