import type { LockkeeperError } from '../errors/lockkeeper-error.ts'
import type { SlowInThreadRead } from '../in-thread/types.ts'
import type { RetiredReader } from '../readers/desk.ts'
import type { WalPinned } from '../wal/pressure.ts'
import type { OutsideChange } from '../writer/outside-watch.ts'

/** What `db.on` tells. */
export interface DatabaseEvents {
  /** A write failed and nobody had awaited its ticket. */
  'write-failed': LockkeeperError
  /**
   * Nothing can be written any more, for the reason that comes with it: writes fail at once, with its code, and reads go on as
   * long as they are right. Either `recovered` or `writer-stopped` follows.
   */
  degraded: LockkeeperError
  /** What kept writes out has passed: they are taken again. */
  recovered: { readonly from: LockkeeperError }
  /** Writes stopped for good (reads go on), with the reason. */
  'writer-stopped': LockkeeperError
  /** Reads stopped for good (writes go on), with the reason. */
  'readers-stopped': LockkeeperError
  /** An actor that was spawned into the database's system failed. */
  'actor-failed': { readonly systemId: string; readonly cause: unknown }
  /**
   * Writes were committed, by this process, having touched these tables: the ground for queries that are asked again when
   * their answer may have changed. Some may be unchanged after all; none is missing. Undefined without the signals
   * extension: any table may have been touched. At most once for each batch.
   */
  committed: { readonly tables: readonly string[] | undefined }
  /** A reader was replaced, because it could not be had back in time, or its thread died while it was lent. */
  'reader-retired': RetiredReader
  /** A read in the app's thread held the event loop longer than `warnAfterMs`. At most once a second for each label. */
  'in-thread-read-slow': SlowInThreadRead
  /** The write-ahead log has reached its hard bound because somebody reads; a read of ours that did was ended. */
  'wal-pinned': WalPinned
  /** A thread died and was replaced. */
  'thread-restarted': { readonly thread: string; readonly cause: LockkeeperError }
  /**
   * Another process has committed to the file (or has emptied its log): what was read before may be out of date. What it
   * changed is not told, only whether the schema is another one. At most one for each look: a few milliseconds apart while
   * this process writes, a quarter of a second while it does not. Commits and checkpoints of this process never raise it.
   * Nothing is told of what happened between the death of the writer's thread and its replacement: `thread-restarted`.
   */
  'changed-outside': OutsideChange
}
