import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import type { InspectionEvent } from 'xstate'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import type { InThreadOptions } from '../in-thread/types.ts'
import {
  beginGiveUpMs,
  inThreadWarnAfterMs,
  type LaneLimits,
  laneDefaults,
  readersDefault,
  readersMax,
} from '../limits.ts'
import { type LaneName, laneNames } from '../mailbox/lane-name.ts'
import type { Migration } from '../migrations/migration.ts'
import type { ProcedureModules } from '../procedures/reference.ts'
import { type ReadClass, readClasses } from '../readers/read-class.ts'
import { type ResolvedTelemetry, resolveTelemetry, type TelemetryOptions } from '../telemetry/options.ts'
import { resolveWal, type WalBounds, type WalOptions } from '../wal/options.ts'
import type { Durability } from '../writer/durability.ts'

export interface OpenOptions<Modules extends ProcedureModules = Record<never, never>> {
  /** Path of the database file. It is made unless it exists; its folder must exist. */
  readonly file: string
  /** The schema's history. Run in order at open; see {@link Migration}. */
  readonly migrations?: readonly Migration[] | undefined
  /** Modules of procedures, by the name under which `db.call` has them. */
  readonly procedures?: Modules | undefined
  /** What an acknowledged write survives: `process` (kill -9) or `power` (power loss). Default `process`. */
  readonly durability?: Durability | undefined
  /** Module whose `setup` is run on every connection: functions, collations, extensions. See `SetupFunction`. */
  readonly connection?: URL | undefined
  /** Told before each migration runs. */
  readonly onMigration?: ((progress: MigrationProgress) => void) | undefined
  /** Bounds of the lanes, where the defaults don't fit. */
  readonly lanes?: Partial<Readonly<Record<LaneName, Partial<LaneLimits>>>> | undefined
  /**
   * How long another process may keep the write lock, in milliseconds, before the writes that wait for it are given up: they
   * are not stored, and fail with `sqlite-busy`. Counted from when the lock was first refused for a write; a write's own
   * `deadlineMs` ends it earlier. Default 10,000.
   */
  readonly lockWaitMsMax?: number | undefined
  /**
   * How many reader threads of each class. By default two or more interactive ones, as the machine has cores, and one for
   * background work.
   */
  readonly readers?: Partial<Readonly<Record<ReadClass, number | undefined>>> | undefined
  /**
   * Whether the app's own thread gets a connection too, for `readFirstSync` and its kin: point reads that take less time than
   * the way to a reader's thread. Each holds the event loop while it runs. Default false: such reads throw `not-enabled`.
   */
  readonly inThreadReader?: InThreadOptions | boolean | undefined
  /**
   * Whether to use the signals extension where `@lockkeeper/signals` is installed and built. Default true: everything works
   * without it, with weaker promises; `report().signals` says which way it runs.
   */
  readonly signals?: boolean | undefined
  /** Bounds of the write-ahead log, and who keeps them. */
  readonly wal?: WalOptions | undefined
  /**
   * What `report().ledger` keeps: who held the lock, who waited for whom, what was slow. On by default, at less than a microsecond of
   * CPU time a write where batches are shared, and 6 MB at most; `false` turns it off.
   */
  readonly telemetry?: TelemetryOptions | boolean | undefined
  /** XState's inspect, handed to every actor. */
  readonly inspect?: ((event: InspectionEvent) => void) | undefined
}

/** A migration that is about to run: `done` of `total` have. */
export interface MigrationProgress {
  readonly name: string
  readonly done: number
  readonly total: number
}

export interface ResolvedOptions {
  readonly file: string
  readonly migrations: readonly Migration[]
  readonly procedures: ProcedureModules
  readonly durability: Durability
  readonly connection: URL | undefined
  readonly onMigration: ((progress: MigrationProgress) => void) | undefined
  readonly lanes: Readonly<Record<LaneName, LaneLimits>>
  readonly lockWaitMsMax: number
  readonly readers: Readonly<Record<ReadClass, number>>
  readonly inThreadReader: { readonly warnAfterMs: number } | undefined
  readonly signals: boolean
  readonly wal: WalBounds
  readonly telemetry: ResolvedTelemetry | undefined
  readonly inspect: ((event: InspectionEvent) => void) | undefined
}

/** @throws LockkeeperError `invalid-argument`, `unsupported-location` */
export function resolveOptions(options: OpenOptions<ProcedureModules>): ResolvedOptions {
  assertFile(options.file)
  const durability = options.durability ?? 'process'
  if (durability !== 'process' && durability !== 'power') {
    throw invalid(`durability is 'process' or 'power', not ${String(durability)}`)
  }
  return {
    file: resolve(options.file),
    migrations: [...(options.migrations ?? [])].map(assertMigration),
    procedures: options.procedures ?? {},
    durability,
    connection: resolveModule(options.connection),
    onMigration: options.onMigration,
    lanes: resolveLanes(options.lanes ?? {}),
    lockWaitMsMax: resolveDuration('lockWaitMsMax', options.lockWaitMsMax, beginGiveUpMs),
    readers: resolveReaders(options.readers ?? {}),
    inThreadReader: resolveInThread(options.inThreadReader),
    signals: resolveSwitch('signals', options.signals, true),
    wal: resolveWal(options.wal),
    telemetry: resolveTelemetry(options.telemetry),
    inspect: options.inspect,
  }
}

function assertFile(file: unknown): void {
  if (typeof file !== 'string' || file.includes('\0')) throw invalid('file is the path of the database file')
  if (file !== '' && file !== ':memory:' && !file.startsWith('file:')) return
  throw new LockkeeperError(
    `${file === '' ? 'An empty path' : file} is refused: readers are connections of their own and see a database only if it lies in a file. For a temporary one, name a file in the system’s temporary folder`,
    { code: 'unsupported-location', stage: 'open' },
  )
}

function resolveModule(module: unknown): URL | undefined {
  if (module === undefined) return undefined
  if (module instanceof URL) return module
  throw invalid("connection is a URL: new URL('./connection.ts', import.meta.url)")
}

function assertMigration(migration: Migration): Migration {
  const { set, id, name, sql } = migration
  if (typeof set !== 'string' || set === '' || typeof name !== 'string' || typeof sql !== 'string') {
    throw invalid('a migration is { set, id, name, sql }')
  }
  assertCount(`the id of the migration ${set}/${name}`, id)
  return { set, id, name, sql }
}

function resolveReaders(readers: NonNullable<OpenOptions['readers']>): Record<ReadClass, number> {
  for (const name of Object.keys(readers)) {
    if (!readClasses.includes(name as ReadClass))
      throw invalid(`there is no class of readers ${name}, but ${readClasses.join(', ')}`)
  }
  const resolved = { ...readersDefault(availableParallelism()) }
  for (const name of readClasses) {
    resolved[name] = readers[name] ?? resolved[name]
    assertCount(`readers.${name}`, resolved[name])
    if (resolved[name] > readersMax)
      throw invalid(`readers.${name} is at most ${readersMax}: each is a thread`)
  }
  return resolved
}

function resolveLanes(lanes: NonNullable<OpenOptions['lanes']>): Record<LaneName, LaneLimits> {
  for (const name of Object.keys(lanes)) {
    if (!laneNames.includes(name as LaneName))
      throw invalid(`there is no lane ${name}, but ${laneNames.join(', ')}`)
  }
  const limitsOf = (name: LaneName): LaneLimits => {
    const limits = { ...laneDefaults[name], ...lanes[name] }
    assertCount(`lanes.${name}.capacity`, limits.capacity)
    assertCount(`lanes.${name}.waitersMax`, limits.waitersMax)
    if (!['reject', 'wait', 'drop'].includes(limits.overflow)) {
      throw invalid(`lanes.${name}.overflow is 'reject', 'wait' or 'drop', not ${String(limits.overflow)}`)
    }
    assertDuration(`lanes.${name}.sliceMs`, limits.sliceMs)
    assertDuration(`lanes.${name}.waitMsMax`, limits.waitMsMax)
    return limits
  }
  return { user: limitsOf('user'), sync: limitsOf('sync'), background: limitsOf('background') }
}

function resolveInThread(value: OpenOptions['inThreadReader']): ResolvedOptions['inThreadReader'] {
  if (value === undefined || value === false) return undefined
  if (value !== true && (typeof value !== 'object' || value === null)) {
    throw invalid(`inThreadReader is true or { warnAfterMs }, not ${String(value)}`)
  }
  const warnAfterMs = (value === true ? undefined : value.warnAfterMs) ?? inThreadWarnAfterMs
  assertDuration('inThreadReader.warnAfterMs', warnAfterMs)
  return { warnAfterMs }
}

function resolveSwitch(name: string, value: unknown, preset: boolean): boolean {
  if (value === undefined) return preset
  if (typeof value === 'boolean') return value
  throw invalid(`${name} is true or false, not ${String(value)}`)
}

function resolveDuration(name: string, value: unknown, preset: number): number {
  if (value === undefined) return preset
  assertDuration(name, value)
  return value as number
}

function assertCount(name: string, value: unknown): void {
  if (!Number.isSafeInteger(value) || (value as number) < 1)
    throw invalid(`${name} is a whole number from 1, not ${String(value)}`)
}

function assertDuration(name: string, value: unknown): void {
  if (typeof value !== 'number' || !(value >= 0))
    throw invalid(`${name} is a number of milliseconds, not ${String(value)}`)
}

function invalid(why: string): LockkeeperError {
  return new LockkeeperError(`openDatabase: ${why}`, { code: 'invalid-argument', stage: 'open' })
}
