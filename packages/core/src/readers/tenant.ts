import type { LockkeeperError } from '../errors/lockkeeper-error.ts'
import type { Impatient } from '../mailbox/patience.ts'
import type { PendingRead, Settling } from './pending-read.ts'
import type { ReaderSeat } from './seat.ts'
import type { FromReader } from './thread-reader.ts'

/** What a reader's thread says to whom it is lent. */
export type TenantMessage = Exclude<FromReader, { type: 'answers' }>

/** Who a reader is lent to for longer than a read: a snapshot or a stream. It waits for one like a read. */
export interface Tenant extends Impatient {
  enteredAtMs: number
  /** When it got its reader. */
  lentAtMs: number
  readonly label: string | undefined
  /** What it wants to see: it gets no reader before that has its outcome. */
  readonly after?: Settling | undefined
  /** Whether it waits for no reader any more, and has none. */
  readonly isOver: boolean
  /** It has its reader. */
  onLent(seat: ReaderSeat): void
  onMessage(message: TenantMessage): void
  /** Its next reads, now that its reader runs none. */
  nextReads(): PendingRead[]
  /** Reads of its own that were handed out and not begun. */
  putBack(reads: readonly PendingRead[]): void
  /** It gets no reader, or has lost the one it had. */
  onLost(cause: LockkeeperError): void
}
