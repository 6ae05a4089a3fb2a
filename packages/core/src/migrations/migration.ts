import { createHash } from 'node:crypto'

/** One step of a schema's history. Steps run once each, in the order of their ids within their set. */
export interface Migration {
  /** Whose schema it is: an app and the packages it embeds each keep their own numbering. */
  readonly set: string
  readonly id: number
  readonly name: string
  /** Any number of statements. They run inside one transaction, with foreign keys off and checked before COMMIT. */
  readonly sql: string
}

/** A migration as the file remembers it. */
export interface AppliedMigration {
  readonly set: string
  readonly id: number
  readonly name: string
  readonly checksum: string
}

/** SHA-256 of the migration's text, in hexadecimal. */
export function checksumOf(migration: Migration): string {
  return createHash('sha256').update(migration.sql).digest('hex')
}
