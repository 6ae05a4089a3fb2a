import type { Clock } from '../clock.ts'
import type { SignalsState } from '../engine/signals.ts'
import type { LockkeeperError } from '../errors/lockkeeper-error.ts'
import type { Interrupter } from '../interrupts/interrupter.ts'
import type { ReaderThreadData } from '../threads/messages.ts'
import type { ThreadProfile } from '../threads/profile-reporter.ts'
import type { FileClaim } from '../writer/claim.ts'
import type { GoodAnswer, PendingRead } from './pending-read.ts'
import type { ReaderSeat } from './seat.ts'

/** What a seat tells its reader's machine: only the edges of being busy, not each read. */
export type ReaderThreadEvent =
  | { readonly type: 'thread.ready' }
  | { readonly type: 'thread.refused'; readonly error: LockkeeperError }
  | { readonly type: 'leased' }
  | { readonly type: 'interrupting' }
  | { readonly type: 'overdue' }
  | { readonly type: 'returned' }

/** What a seat needs of its desk. */
export interface SeatDesk {
  answer(read: PendingRead, answer: GoodAnswer): void
  fail(read: PendingRead, error: LockkeeperError): void
  /** Its reader is through with it, for so long; its caller may have been told already. */
  ran(read: PendingRead, ms: number, rows: number): void
  /** Reads that were not begun, to run wherever there is room. */
  putBack(reads: readonly PendingRead[]): void
  /** Its reader's thread has died. */
  runAgain(read: PendingRead, cause: LockkeeperError): void
  /** It may be free; work is handed out once those who got answers have had their turn. */
  onFree(): void
  /** Its thread has gone, and no other comes, since it was replaced. */
  onGone(seat: ReaderSeat): void
  /** Its threads died too often, and none comes any more. */
  onStopped(cause: LockkeeperError): void
  /** A connection did not come back clean, or its thread died while it was lent. */
  onLeak(seat: ReaderSeat, label: string | undefined): void
  countBusy(met: Readonly<Record<string, number>>): void
  /** Its thread is ready, and says what the signals extension does for it. */
  onSignals(state: SignalsState): void
  onProfile(profile: ThreadProfile): void
}

export interface SeatOptions {
  readonly threadData: Omit<ReaderThreadData, 'gate' | 'opened' | 'yieldsCpu'>
  readonly claim: FileClaim
  readonly clock: Clock
  /** Cuts running statements off. Without one they run to their end, whoever has given them up. */
  readonly interrupter?: Interrupter | undefined
}
