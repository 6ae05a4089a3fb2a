import type { Connection } from '../engine/port.ts'
import { reservedNameIn } from '../engine/reserved-names.ts'
import { hasTemporary } from '../engine/statement-rules.ts'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { type AppliedMigration, checksumOf, type Migration } from './migration.ts'
import { transactionWordIn } from './transaction-words.ts'

const table = `
  create table if not exists lockkeeper_migrations (
    "set" text not null,
    id integer not null,
    name text not null,
    checksum text not null,
    applied_at text not null default current_timestamp,
    primary key ("set", id)
  ) strict, without rowid`

/** The steps a file has been through; none for a new one. Only reads. */
export function readHistory(connection: Connection): readonly AppliedMigration[] {
  const exists = connection
    .prepareOwn(`select 1 from sqlite_schema where type = 'table' and name = 'lockkeeper_migrations'`)
    .firstArray(undefined)
  if (exists === undefined) return []
  return connection
    .prepareOwn(`select "set", id, name, checksum from lockkeeper_migrations order by "set", id`)
    .objects(undefined) as AppliedMigration[]
}

/**
 * Runs one migration and notes it, all or nothing.
 *
 * Foreign keys are off meanwhile, since rebuilding a table with them on deletes its children; the pragma does nothing inside
 * a transaction, so it comes before BEGIN (https://www.sqlite.org/lang_altertable.html#otheralter, steps 1 to 12).
 *
 * @param isLeft asked inside the transaction, when no other process can write: the history may have grown since it was
 * planned from.
 * @throws LockkeeperError `migration-failed`, with SQLite's error as cause.
 */
export function applyMigration(
  connection: Connection,
  migration: Migration,
  isLeft: () => boolean = () => true,
): void {
  assertNoTransactionWord(migration)
  assertLeavesOurs(migration)
  connection.script('pragma foreign_keys = off')
  try {
    connection.script('begin immediate')
    if (!isLeft()) {
      connection.script('rollback')
      return
    }
    connection.script(table)
    connection.script(migration.sql)
    if (hasTemporary(connection))
      throw failed(migration, 'it leaves something temporary, which is in no file')
    assertForeignKeys(connection, migration)
    connection
      .prepareOwn('insert into lockkeeper_migrations ("set", id, name, checksum) values (?, ?, ?, ?)')
      .run([migration.set, migration.id, migration.name, checksumOf(migration)])
    connection.script('commit')
  } catch (thrown) {
    if (connection.inTransaction) connection.script('rollback')
    throw failed(migration, thrown instanceof Error ? thrown.message : String(thrown), thrown)
  } finally {
    connection.script('pragma foreign_keys = on')
  }
}

/** Beforehand: what a COMMIT in the middle has stored could not be taken back. */
function assertNoTransactionWord(migration: Migration): void {
  const word = transactionWordIn(migration.sql)
  if (word === undefined) return
  throw failed(migration, `its text says ${word.toUpperCase()}; a migration is one transaction already`)
}

function assertLeavesOurs(migration: Migration): void {
  const name = reservedNameIn(migration.sql)
  if (name === undefined) return
  throw failed(migration, `its text names ${name}; names that begin with lockkeeper_ are Lockkeeper’s`)
}

function assertForeignKeys(connection: Connection, migration: Migration): void {
  const broken = connection.prepareOwn('pragma foreign_key_check').firstArray(undefined)
  if (broken !== undefined)
    throw failed(
      migration,
      `it leaves rows of ${String(broken[0])} that refer to rows of ${String(broken[2])} which do not exist`,
    )
}

function failed(migration: Migration, why: string, cause?: unknown): LockkeeperError {
  if (cause instanceof LockkeeperError) return cause
  return new LockkeeperError(
    `The migration ${migration.set}/${migration.id} (${migration.name}) failed: ${why}`,
    {
      code: 'migration-failed',
      stage: 'open',
      cause,
    },
  )
}
