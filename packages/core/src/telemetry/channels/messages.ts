import type { ErrorCode, Outcome } from '../../errors/codes.ts'
import type { LaneName } from '../../mailbox/lane-name.ts'
import type { ReadClass } from '../../readers/read-class.ts'
import type { ReadWork } from '../../readers/read-work.ts'
import type { WriteWork } from '../../writer/batch.ts'

/**
 * A write. Its message is published on `lockkeeper:write:start` inside the call, where the caller's async context is the current one,
 * and the same object again on `lockkeeper:write` with its outcome; so what a subscriber keeps of the first it finds by the object
 * itself. Times are those of `performance.now()`, in milliseconds. Values are never in it.
 */
export interface WriteMessage {
  /** Path of the database file. */
  readonly database: string
  /** As the app named it, `unlabelled` for none. Not bounded as the ledger's labels are. */
  readonly label: string
  readonly lane: LaneName
  readonly kind: WriteWork['kind']
  /** Of a statement or a bulk write. */
  readonly sql: string | undefined
  readonly startedAtMs: number
  /** From here on undefined until the end, where it applies. When the outcome was known. */
  readonly endedAtMs: number | undefined
  readonly outcome: Outcome | undefined
  readonly errorCode: ErrorCode | undefined
  /** In its lane or on the way into it, until its batch was posted or it ended without. */
  readonly queueWaitMs: number | undefined
  /** Of its batches, for a lock that another process had. */
  readonly beginWaitMs: number | undefined
  /** With the lock: its own time, and an equal part of what its batch took besides. Undefined where it did not come to run. */
  readonly holdMs: number | undefined
  /** Changed by statements; nothing is known of procedures and jobs. */
  readonly rows: number | undefined
  /** How often it went back to its lane. */
  readonly retries: number
  /** The last batch that it was in: the `batch` of a message on `lockkeeper:batch`. */
  readonly batch: number | undefined
}

/** A read: published on `lockkeeper:read:start` inside the call, and the same object on `lockkeeper:read` when it has been answered. */
export interface ReadMessage {
  readonly database: string
  readonly label: string
  readonly class: ReadClass
  readonly kind: ReadWork['kind']
  /** Of a query. */
  readonly sql: string | undefined
  readonly startedAtMs: number
  /** From here on undefined until the end, where it applies. */
  readonly endedAtMs: number | undefined
  readonly outcome: 'answered' | 'failed' | undefined
  readonly errorCode: ErrorCode | undefined
  /** Until its message was sent to a reader, or it ended without. */
  readonly waitMs: number | undefined
  /** On the reader. Undefined where the caller did not wait for its end. */
  readonly runMs: number | undefined
  readonly rows: number | undefined
}

/** A snapshot or a stream: `lockkeeper:lease:start` when it asks for a reader, the same object on `lockkeeper:lease` when it is over. */
export interface LeaseMessage {
  readonly database: string
  readonly label: string
  readonly class: ReadClass
  readonly startedAtMs: number
  /** From here on undefined until the end. */
  readonly endedAtMs: number | undefined
  /** Until it had its reader, or ended without. */
  readonly waitMs: number | undefined
  /** Undefined where it got no reader. */
  readonly heldMs: number | undefined
}

/**
 * A batch that was answered, or whose thread has died: published on `lockkeeper:batch`, before its writes have their outcomes; of one
 * whose thread has died after those that are known from the file.
 */
export interface BatchMessage {
  readonly database: string
  /** Counts batches since open. */
  readonly batch: number
  readonly lane: LaneName
  readonly writes: number
  /** Those with an outcome: the others go back to their lane. */
  readonly answered: number
  /** `contended`: another process has the lock, nothing was begun. `lost`: the writer's thread died. */
  readonly outcome: 'answered' | 'contended' | 'lost'
  /** When it was posted to the writer's thread, and when the answer came. */
  readonly startedAtMs: number
  readonly endedAtMs: number
  /** For a lock that another process had; with the lock, COMMIT included. */
  readonly beginWaitMs: number
  readonly holdMs: number
}

/** The log was copied into the file: published on `lockkeeper:checkpoint`. */
export interface CheckpointMessage {
  readonly database: string
  /** Beside the writer, or by the writer between two batches. */
  readonly by: 'checkpointer' | 'writer'
  readonly startedAtMs: number
  readonly endedAtMs: number
  /** In the log, and copied of that, in bytes; undefined where another connection was at it. */
  readonly logBytes: number | undefined
  readonly copiedBytes: number | undefined
  /** Whether the next write begins the log anew. */
  readonly beginsAnew: boolean
  readonly errorCode: ErrorCode | undefined
}

/** What is published on which channel of `node:diagnostics_channel`. */
export interface LockkeeperChannels {
  'lockkeeper:write:start': WriteMessage
  'lockkeeper:write': WriteMessage
  'lockkeeper:read:start': ReadMessage
  'lockkeeper:read': ReadMessage
  'lockkeeper:lease:start': LeaseMessage
  'lockkeeper:lease': LeaseMessage
  'lockkeeper:batch': BatchMessage
  'lockkeeper:checkpoint': CheckpointMessage
}
