import type { LockkeeperError } from '../errors/lockkeeper-error.ts'
import type { Mailbox } from '../mailbox/mailbox.ts'
import type { PendingWrite } from '../mailbox/pending-write.ts'
import { faultPauseMs, isFailedSync, isFinalFault } from '../supervision/faults.ts'
import { suspendedFor } from './outcomes.ts'
import type { Unwritten } from './unwritten.ts'

/**
 * The time in which nothing can be written, for a fault of the file or the disk: what waits, and what comes, is told so at once
 * instead of waiting for nobody knows how long (promise 17).
 */
export class Suspension {
  /** A sync has failed, and the log has not been begun anew since. */
  syncFailed = false
  readonly #mailbox: Mailbox
  readonly #unwritten: Unwritten
  #refusal: ((write: PendingWrite) => LockkeeperError) | undefined

  constructor(mailbox: Mailbox, unwritten: Unwritten) {
    this.#mailbox = mailbox
    this.#unwritten = unwritten
  }

  /** @param times tries in a row that met a fault: how long it will take until the next. */
  begin(error: LockkeeperError, times: number): void {
    const retryAfterMs = isFinalFault(error) ? undefined : faultPauseMs(times)
    const refusal = (write: PendingWrite): LockkeeperError => suspendedFor(error, write, retryAfterMs)
    this.#refusal = refusal
    this.#mailbox.suspend(refusal)
    this.#unwritten.failAll(refusal)
  }

  /** A thread has died of it: whether of a sync decides how the next one begins. */
  note(error: LockkeeperError): void {
    this.syncFailed ||= isFailedSync(error.code)
  }

  /** Writes that turned out not to be stored: they wait again, or are told why they can't. */
  putBack(writes: readonly PendingWrite[]): void {
    const refusal = this.#refusal
    this.#mailbox.putBack(writes)
    if (refusal !== undefined) for (const write of writes) this.#mailbox.fail(write, refusal(write))
  }

  end(): void {
    this.syncFailed = false
    this.#refusal = undefined
    this.#mailbox.suspend(undefined)
  }
}
