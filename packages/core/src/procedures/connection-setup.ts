import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import type { SqlValue } from './define.ts'

/** Which thread a connection belongs to. */
export type ConnectionRole = 'writer' | 'reader'

export interface FunctionOptions {
  /** The same arguments always give the same result: lets SQLite use it in indexes. */
  readonly deterministic?: boolean | undefined
  /** May be called with any number of arguments. */
  readonly varargs?: boolean | undefined
}

export interface Aggregate<State> {
  readonly start: State | (() => State)
  readonly step: (state: State, ...values: SqlValue[]) => State
  readonly result?: ((state: State) => SqlValue) | undefined
}

/** What a set-up module may do to a connection. */
export interface ConnectionSetup {
  /** Makes a function callable from SQL. */
  function(name: string, body: (...values: SqlValue[]) => SqlValue, options?: FunctionOptions): void
  /** Makes an aggregate function callable from SQL. */
  aggregate<State>(name: string, aggregate: Aggregate<State>): void
  /** Loads a SQLite extension: collations, virtual tables, whatever it brings. */
  loadExtension(path: string): void
}

/**
 * The function that a set-up module exports under the name `setup`. It is run on every connection of every thread before
 * anything else uses it, so that what an index or a trigger needs is there for all.
 *
 * @example
 * import type { SetupFunction } from '@lockkeeper/core/procedures'
 * export const setup: SetupFunction = (db, role) => db.function('shout', (text) => String(text).toUpperCase())
 */
export type SetupFunction = (db: ConnectionSetup, role: ConnectionRole) => void

/** @throws LockkeeperError `setup-not-loaded` */
export async function loadSetup(url: string | undefined): Promise<SetupFunction | undefined> {
  if (url === undefined) return undefined
  let cause: unknown
  try {
    const { setup } = (await import(url)) as { setup?: unknown }
    if (typeof setup === 'function') return setup as SetupFunction
  } catch (thrown) {
    cause = thrown
  }
  const why =
    cause === undefined ? 'it exports no function named setup' : String((cause as Error).message ?? cause)
  throw new LockkeeperError(`The connection’s set-up cannot be loaded from ${url}: ${why}`, {
    code: 'setup-not-loaded',
    stage: 'open',
    cause,
  })
}
