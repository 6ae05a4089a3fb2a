import type {
  LockWaits,
  Signals,
  SignalsLocation,
  SqliteConnection,
  StatementProfile,
} from '@lockkeeper/signals'
import type { ConnectionRole } from '../procedures/connection-setup.ts'

/** How a connection waits for the write lock. Without the extension it is `none`: SQLite sleeps, and looks again. */
export type LockWaiting = 'futex' | 'polling' | 'sleeping' | 'none'

/** What the signals extension does for one connection, or why it does not. Plain data: it crosses to the app's thread. */
export interface SignalsState {
  readonly waiting: LockWaiting
  /** The connection's id in the process, by which another thread interrupts it; and where the extension lies. */
  readonly target: { readonly connection: number; readonly path: string } | undefined
  /** Why it does less than it could. */
  readonly notice: string | undefined
  /** Whether somebody should be told: the package is there, or was asked for, and does not work as it could. */
  readonly isFault: boolean
}

/** A connection's signals, for its own thread. */
export interface ConnectionSignals {
  readonly state: SignalsState
  waitAtMost(ms: number): void
  prepared(sql: string): void
  /** Tables touched since the last call by transactions that were not rolled back whole. */
  touched(): string[] | undefined
  profile(): StatementProfile[]
  lockWaits(): LockWaits
}

/** The extension as found, ready to be loaded on a connection; or why there is none. */
export type SignalsSource =
  | { readonly path: string; load(database: SqliteConnection): Signals }
  | { readonly path: undefined; readonly notice: string; readonly isFault: boolean }

/** Looks for the extension. The package is optional, so that nothing here may fail for want of it. */
export async function findSignals(wanted: boolean): Promise<SignalsSource> {
  if (!wanted) return { path: undefined, notice: 'turned off by the option signals', isFault: false }
  let location: SignalsLocation
  let load: (database: SqliteConnection, path: string) => Signals
  try {
    const signals = await import('@lockkeeper/signals')
    location = signals.locateSignals()
    load = (database, path) => signals.Signals.load(database, path)
  } catch (thrown) {
    const code = (thrown as { code?: unknown }).code
    if (code === 'ERR_MODULE_NOT_FOUND') {
      return { path: undefined, notice: '@lockkeeper/signals is not installed', isFault: false }
    }
    return { path: undefined, notice: messageOf(thrown), isFault: true }
  }
  const { path } = location
  if (path === undefined) return { path, notice: location.reason, isFault: false }
  return { path, load: (database) => load(database, path) }
}

/** @returns the state alone if the extension can't be had on this connection: it works without. */
export function joinSignals(
  source: SignalsSource,
  database: SqliteConnection,
  role: ConnectionRole,
): ConnectionSignals | SignalsState {
  if (source.path === undefined) return without(source.notice, source.isFault)
  try {
    const signals = source.load(database)
    const { waits, notice } = signals.watch(role)
    return {
      state: {
        waiting: waits,
        target: { connection: signals.connection, path: source.path },
        notice,
        isFault: notice !== undefined,
      },
      waitAtMost: (ms) => signals.waitAtMost(ms),
      prepared: (sql) => signals.prepared(sql),
      touched: () => signals.touched(),
      profile: () => signals.profile(),
      lockWaits: () => signals.waits(),
    }
  } catch (thrown) {
    return without(messageOf(thrown), true)
  }
}

export function without(notice: string, isFault = false): SignalsState {
  return { waiting: 'none', target: undefined, notice, isFault }
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
