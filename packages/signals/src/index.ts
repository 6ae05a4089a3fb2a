export { type BuildFailure, type BuildOptions, type BuildResult, buildSignals } from './build.ts'
export { locateSignals, type SignalsLocation } from './locate.ts'
export {
  type LockWaits,
  Signals,
  type SqliteConnection,
  type SqliteStatement,
  type StatementProfile,
  type Watch,
  type WatchRole,
} from './signals.ts'
