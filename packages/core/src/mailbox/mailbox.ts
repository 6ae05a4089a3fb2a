import type { Clock } from '../clock.ts'
import type { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { batchBytesMax, batchItemsMax, type LaneLimits } from '../limits.ts'
import { chooseLane } from './choose-lane.ts'
import { Lane } from './lane.ts'
import { type LaneName, laneNames } from './lane-name.ts'
import { notStored, type PendingWrite } from './pending-write.ts'

export interface MailboxOptions {
  readonly clock: Clock
  readonly lanes: Readonly<Record<LaneName, LaneLimits>>
}

/** Writes that will share a transaction, all of one lane, in their order. */
export interface PlannedBatch {
  readonly lane: LaneName
  readonly sliceMs: number
  readonly aged: boolean
  readonly writes: readonly PendingWrite[]
}

/**
 * The writer's lanes together, on the app thread. Every queue of the write side is here: bounded, O(1) to enter, leave and
 * cancel, most urgent first. It is handed to the writer's machine as an opaque object; printed, it shows depths only.
 */
export class Mailbox {
  readonly lanes: Readonly<Record<LaneName, Lane>>
  readonly #clock: Clock
  #refusal: ((write: PendingWrite) => LockkeeperError) | undefined
  #onEnter: ((lane: LaneName) => void) | undefined
  #lastWasAged = false
  #seq = 0

  constructor({ clock, lanes }: MailboxOptions) {
    this.#clock = clock
    this.lanes = {
      user: new Lane('user', lanes.user),
      sync: new Lane('sync', lanes.sync),
      background: new Lane('background', lanes.background),
    }
  }

  get depth(): number {
    return laneNames.reduce((depth, name) => depth + this.lanes[name].depth, 0)
  }

  toJSON(): Record<LaneName, number> {
    const { user, sync, background } = this.lanes
    return { user: user.depth, sync: sync.depth, background: background.depth }
  }

  /** Calls back whenever a write has entered. */
  watch(onEnter: ((lane: LaneName) => void) | undefined): void {
    this.#onEnter = onEnter
  }

  /** Takes a write in, or fails it: synchronous and O(1) (promises 6 and 12). */
  enter(write: PendingWrite): void {
    const lane = this.lanes[write.fields.lane]
    const refusal = this.#refusal?.(write) ?? this.#refusalNow(write, lane)
    if (refusal !== undefined) {
      lane.counts.rejected++
      write.fail(refusal)
      return
    }
    write.seq = ++this.#seq
    lane.counts.admitted++
    lane.push(write)
    this.#watchWaiting(write)
    this.#onEnter?.(lane.name)
  }

  /** Takes the next batch out: the most urgent lane's oldest writes, within the bounds of one message. */
  takeBatch(): PlannedBatch | undefined {
    const choice = chooseLane(this.#states(), this.#lastWasAged)
    if (choice === undefined) return undefined
    this.#lastWasAged = choice.aged
    const lane = this.lanes[choice.lane]
    const writes: PendingWrite[] = []
    let bytes = 0
    for (let write = lane.first; write !== undefined; write = lane.first) {
      bytes += write.fields.bytes
      if (writes.length > 0 && (writes.length === batchItemsMax || bytes > batchBytesMax)) break
      this.#leave(lane, write)
      writes.push(write)
    }
    return { lane: choice.lane, sliceMs: lane.limits.sliceMs, aged: choice.aged, writes }
  }

  /** Back to the front of their lane, in their order: work that was handed over and not begun. */
  putBack(writes: readonly PendingWrite[]): void {
    for (const write of writes.toReversed()) {
      const lane = this.lanes[write.fields.lane]
      lane.unshift(write)
      this.#watchWaiting(write)
    }
  }

  /** From now on every write that enters fails with this. */
  refuse(refusal: (write: PendingWrite) => LockkeeperError): void {
    this.#refusal = refusal
  }

  /** Fails everything that waits and answers how many that were, by lane. */
  failAll(errorOf: (write: PendingWrite) => LockkeeperError): Record<LaneName, number> {
    const counts = this.toJSON()
    for (const name of laneNames) this.failWhere(name, () => true, errorOf)
    return counts
  }

  failWhere(
    name: LaneName,
    matches: (write: PendingWrite) => boolean,
    errorOf: (write: PendingWrite) => LockkeeperError,
  ): void {
    const lane = this.lanes[name]
    for (let write = lane.first, next = write?.next; write !== undefined; write = next, next = write?.next) {
      if (matches(write)) this.#failWaiting(write, errorOf(write))
    }
  }

  #failWaiting(write: PendingWrite, error: LockkeeperError): void {
    const lane = this.lanes[write.fields.lane]
    this.#leave(lane, write)
    lane.counts.failed++
    write.fail(error)
  }

  #leave(lane: Lane, write: PendingWrite): void {
    lane.remove(write)
    write.stopWatching?.()
    write.stopWatching = undefined
  }

  #states() {
    const now = this.#clock.now()
    const stateOf = ({ depth, first, limits }: Lane) => ({
      depth,
      oldestWaitMs: first === undefined ? 0 : now - first.fields.enteredAtMs,
      waitMsMax: limits.waitMsMax,
    })
    const { user, sync, background } = this.lanes
    return { user: stateOf(user), sync: stateOf(sync), background: stateOf(background) }
  }

  #refusalNow(write: PendingWrite, lane: Lane): LockkeeperError | undefined {
    const { label, signal } = write.fields
    if (signal?.aborted) return aborted(write)
    if (!lane.isFull) return undefined
    return notStored(
      `The ${lane.name} lane is full (${lane.limits.capacity} writes wait): wait for some to end, or send fewer`,
      { code: 'lane-full', label, retryable: true, retryAfterMs: lane.limits.sliceMs * 2 },
    )
  }

  /** Ends the wait at the write's deadline or abort, not only when its turn comes (promise 15). */
  #watchWaiting(write: PendingWrite): void {
    const { deadlineMs, enteredAtMs, signal, label } = write.fields
    if (deadlineMs === undefined && signal === undefined) return
    const onAbort = (): void => this.#failWaiting(write, aborted(write))
    if (signal?.aborted) {
      onAbort()
      return
    }
    const timer =
      deadlineMs === undefined
        ? undefined
        : this.#clock.setTimeout(
            () => {
              this.#failWaiting(
                write,
                notStored(`The write waited ${deadlineMs} ms for its turn, and its deadline has passed`, {
                  code: 'deadline-exceeded',
                  label,
                  retryable: true,
                }),
              )
            },
            Math.max(0, enteredAtMs + deadlineMs - this.#clock.now()),
          )
    signal?.addEventListener('abort', onAbort, { once: true })
    write.stopWatching = () => {
      if (timer !== undefined) this.#clock.clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    }
  }
}

function aborted(write: PendingWrite): LockkeeperError {
  return notStored('The write was taken back by its signal before it ran', {
    code: 'aborted',
    label: write.fields.label,
    cause: write.fields.signal?.reason,
  })
}
