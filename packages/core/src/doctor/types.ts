import type { FileChange, FilesBeside } from './files-beside.ts'

/** What can be read of a database's settings from outside. Sizes in bytes. */
export interface FileSettings {
  /** `wal`, `delete` and so on. Whether it is WAL is in the file; which of the others, each connection says for itself. */
  readonly journalMode: string
  readonly pageBytes: number
  readonly pages: number
  /** Pages that hold nothing and are used again before the file grows. */
  readonly freePages: number
  readonly autoVacuum: 'none' | 'full' | 'incremental'
  readonly encoding: string
  readonly userVersion: number
  readonly applicationId: number
  /** Tables that declare foreign keys. Whether they are enforced each connection says for itself. */
  readonly tablesWithForeignKeys: readonly string[]
  /** Whether ANALYZE or optimize has been run: without its statistics SQLite guesses which index is good. */
  readonly hasStatistics: boolean
}

/** What Lockkeeper keeps in the file; undefined where none of its tables is there. */
export interface OwnTables {
  readonly tables: readonly string[]
  /** The newest migration of each set. */
  readonly migrations: readonly { readonly set: string; readonly id: number; readonly name: string }[]
  /** Jobs that have not ended, the oldest first: so many are listed, and so many are there. */
  readonly jobs: readonly {
    readonly id: string
    readonly procedure: string
    readonly status: string
    readonly steps: number
    readonly done: number | undefined
    readonly total: number | undefined
  }[]
  readonly jobsUnfinished: number
}

/** What a check of the file found. */
export interface FileCheck {
  /** Whether the file was checked as a whole; otherwise table by table, and what lies between them was not looked at. */
  readonly isWhole: boolean
  /** What is wrong, as SQLite says it: https://sqlite.org/pragma.html#pragma_quick_check. Empty where all is well. */
  readonly problems: readonly string[]
  /** Rows whose foreign key leads nowhere, by table. */
  readonly orphans: readonly { readonly table: string; readonly parent: string; readonly rows: number }[]
  readonly tablesChecked: number
  /** Tables that were left out, since the time was up. */
  readonly tablesLeft: readonly string[]
}

/** How SQLite would go about a statement on this file. */
export type StatementPlan =
  | {
      readonly sql: string
      readonly plan: readonly string[]
      /** A table that it reads whole, and what would help; undefined where it reads none. */
      readonly scan: ScanAdvice | undefined
    }
  /** It could not be planned: `refused` says why. It was not run either. */
  | { readonly sql: string; readonly plan: undefined; readonly refused: string }

export interface ScanAdvice {
  /** Undefined where it can't be told. */
  readonly table: string | undefined
  /** What an index should begin with; empty where none helps, or which one can't be told. */
  readonly columns: readonly string[]
  /** An index that is there and begins with all of them, which SQLite did not take. */
  readonly existing: string | undefined
  /** What to do, in words. */
  readonly remedy: string
}

/** What is beside the file since the look, that was not before, and the other way round. */
export type LeftBeside = FileChange

/** What a look from outside tells of a database file. */
export interface FileInspection {
  /** With all links followed: where SQLite puts the log. */
  readonly file: string
  /** The version of the SQLite that looked. */
  readonly sqlite: string
  /** `query-only`: opened for writing and told to write nothing, since only so SQLite leaves no log beside the file. */
  readonly opened: 'read-only' | 'query-only'
  /** Sizes of the file and of what lay beside it before the look. */
  readonly files: FilesBeside
  readonly settings: FileSettings
  readonly own: OwnTables | undefined
  /** Undefined unless it was asked for. */
  readonly check: FileCheck | undefined
  /** In the order in which the statements were given. */
  readonly statements: readonly StatementPlan[]
  readonly left: readonly LeftBeside[]
}
