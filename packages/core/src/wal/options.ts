import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { walHardBytes, walSoftBytes } from '../limits.ts'

/**
 * Who copies the write-ahead log into the file: `governor` (an actor beside the writer), `automatic` (SQLite itself, inside
 * the commit that reaches a number of pages), or `off` (nobody but calls of `checkpoint()`: the log grows until then).
 */
export type Checkpoints = 'governor' | 'automatic' | 'off'

/** Bounds of the write-ahead log. */
export interface WalOptions {
  /** Default `governor`. The others are there to be compared with it. */
  readonly checkpoints?: Checkpoints | undefined
  /** From this size of the log on, in bytes, lower lanes get less and less of the writer. Default 32 MiB. */
  readonly softBytes?: number | undefined
  /** At this size, in bytes, they pause, and a read that pins the log is ended (`wal-pinned`). Default 128 MiB. */
  readonly hardBytes?: number | undefined
}

export interface WalBounds {
  readonly checkpoints: Checkpoints
  readonly softBytes: number
  readonly hardBytes: number
}

/** @throws LockkeeperError `invalid-argument` */
export function resolveWal(options: WalOptions = {}): WalBounds {
  const checkpoints = options.checkpoints ?? 'governor'
  if (!['governor', 'automatic', 'off'].includes(checkpoints))
    throw invalid(`wal.checkpoints is 'governor', 'automatic' or 'off', not ${String(checkpoints)}`)
  const softBytes = options.softBytes ?? Math.min(walSoftBytes, options.hardBytes ?? walSoftBytes)
  const hardBytes = options.hardBytes ?? Math.max(walHardBytes, softBytes)
  assertBytes('softBytes', softBytes)
  assertBytes('hardBytes', hardBytes)
  if (hardBytes < softBytes)
    throw invalid(`wal.hardBytes (${hardBytes}) is less than wal.softBytes (${softBytes})`)
  return { checkpoints, softBytes, hardBytes }
}

function assertBytes(name: string, value: unknown): void {
  if (!Number.isSafeInteger(value) || (value as number) < 65_536)
    throw invalid(`wal.${name} is a number of bytes from 65536, not ${String(value)}`)
}

function invalid(why: string): LockkeeperError {
  return new LockkeeperError(`openDatabase: ${why}`, { code: 'invalid-argument', stage: 'open' })
}
