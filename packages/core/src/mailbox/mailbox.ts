import type { Clock } from '../clock.ts'
import type { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { batchBytesMax, type LaneLimits } from '../limits.ts'
import { isSolo } from '../maintenance/task.ts'
import type { WriteLedger } from '../telemetry/write-ledger.ts'
import { chooseLane, type LaneState } from './choose-lane.ts'
import { Lane, laneFull } from './lane.ts'
import type { LaneName } from './lane-name.ts'
import { Patience, waitingWrite } from './patience.ts'
import type { PendingWrite } from './pending-write.ts'
import { Restraint } from './restraint.ts'

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
  /** Holds the lower lanes back. */
  readonly restraint: Restraint
  #ledger: WriteLedger | undefined
  readonly #clock: Clock
  readonly #patience: Patience<PendingWrite>
  #refusal: ((write: PendingWrite) => LockkeeperError) | undefined
  #suspension: ((write: PendingWrite) => LockkeeperError) | undefined
  #onEnter: ((lane: LaneName) => void) | undefined
  #lastWasAged = false
  #seq = 0

  constructor({ clock, lanes }: MailboxOptions) {
    this.#clock = clock
    this.#patience = new Patience(clock, waitingWrite, (write, error) => this.#failWaiting(write, error))
    this.lanes = {
      user: new Lane('user', lanes.user),
      sync: new Lane('sync', lanes.sync),
      background: new Lane('background', lanes.background),
    }
    const { sync, background } = this.lanes
    this.restraint = new Restraint(clock, [sync, background], (lane) => this.#onEnter?.(lane))
  }

  /** Whether a batch could be taken now. */
  get hasWork(): boolean {
    const { user, sync, background } = this.lanes
    return user.isReady || sync.isReady || background.isReady
  }

  /** Whether nobody waits any more, in whatever place. */
  get isEmpty(): boolean {
    const { user, sync, background } = this.lanes
    return user.isEmpty && sync.isEmpty && background.isEmpty
  }

  /** Writes that stand in a lane. */
  get depth(): number {
    return this.lanes.user.depth + this.lanes.sync.depth + this.lanes.background.depth
  }

  /** How long the oldest write of a lane has waited; 0 where none waits. */
  oldestWaitMs(name: LaneName): number {
    const { first } = this.lanes[name]
    return first === undefined ? 0 : this.#clock.now() - first.enteredAtMs
  }

  toJSON(): Record<LaneName, number> {
    const { user, sync, background } = this.lanes
    return { user: user.depth, sync: sync.depth, background: background.depth }
  }

  /** Calls back whenever a write has entered a lane. */
  watch(onEnter: ((lane: LaneName) => void) | undefined): void {
    this.#onEnter = onEnter
  }

  /** From now on it is accounted for who waits here. */
  account(ledger: WriteLedger): void {
    this.#ledger = ledger
    this.restraint.watch((lane, isResting) => ledger.rests(lane, isResting))
  }

  /** Takes a write in, or fails it: synchronous and O(1) (promises 6 and 12). */
  enter(write: PendingWrite): void {
    this.#ledger?.called(write)
    const refusal = this.refusalOf(write) ?? this.#patience.exhausted(write)
    if (refusal !== undefined) {
      this.#refuse(write, refusal)
      return
    }
    write.home = this
    const { after } = write
    // Within a lane order holds by itself.
    const lane = this.lanes[write.lane]
    const inOrder = after?.home === this && after.lane === write.lane && after.list !== lane.held
    if (after === undefined || after.settled || inOrder) this.#place(write)
    else this.#hold(write, after)
  }

  /** Takes the next batch out: the most urgent lane's oldest writes, within the bounds of one message. */
  takeBatch(): PlannedBatch | undefined {
    const choice = chooseLane(this.#states(), this.#lastWasAged)
    if (choice === undefined) return undefined
    this.#lastWasAged = choice.aged
    const lane = this.lanes[choice.lane]
    const writes: PendingWrite[] = []
    let bytes = 0
    for (let write = lane.first; write !== undefined && !write.sending; write = lane.first) {
      bytes += write.bytes
      const solo = isSolo(write.work)
      if (writes.length > 0 && (solo || writes.length >= lane.pace.items || bytes > batchBytesMax)) break
      lane.remove(write)
      lane.awaited.delete(write)
      this.#patience.unwatch(write)
      writes.push(write)
      if (solo) break
    }
    this.#letIn(lane)
    return { lane: choice.lane, sliceMs: lane.limits.sliceMs, aged: choice.aged, writes }
  }

  /** Back to the front of their lane, in their order: work that was handed over and not begun. */
  putBack(writes: readonly PendingWrite[]): void {
    for (const write of writes.toReversed()) {
      const lane = this.lanes[write.lane]
      lane.unshift(write)
      if (write.awaited) lane.awaited.add(write)
      // A timer would let the next batch take an overdue one first.
      const exhausted = this.#patience.exhausted(write)
      if (exhausted === undefined) this.#patience.watch(write)
      else this.#failWaiting(write, exhausted)
    }
    if (writes.some(({ lane }) => this.lanes[lane].isResting)) this.restraint.stay()
  }

  /**
   * Somebody waits for a write (promise 8): until it is taken its lane is due, as if it had waited for too long. One that waits
   * for another's outcome itself can't be taken, but what it waits for can.
   */
  promote(write: PendingWrite): void {
    if (write.settled || write.awaited) return
    write.awaited = true
    const lane = this.lanes[write.lane]
    if (write.list === lane.held) write.after?.promote()
    else if (write.list !== undefined) {
      lane.awaited.add(write)
      if (lane.isResting && lane.isReady) this.#onEnter?.(lane.name)
    }
  }

  /** From now on every write that enters fails with this. */
  refuse(refusal: (write: PendingWrite) => LockkeeperError): void {
    this.#refusal = refusal
  }

  /** The same until it is told otherwise. */
  suspend(refusal: ((write: PendingWrite) => LockkeeperError) | undefined): void {
    this.#suspension = refusal
  }

  /** Whether it takes nothing in any more, for good. */
  get isClosed(): boolean {
    return this.#refusal !== undefined
  }

  /** Why no write is taken in any more, or for now, if so. */
  refusalOf(write: PendingWrite): LockkeeperError | undefined {
    return (this.#refusal ?? this.#suspension)?.(write)
  }

  /** Fails everything that waits and answers how many that were, by lane. */
  failAll(errorOf: (write: PendingWrite) => LockkeeperError): Record<LaneName, number> {
    const fail = (name: LaneName): number => this.failWhere(name, () => true, errorOf)
    return { user: fail('user'), sync: fail('sync'), background: fail('background') }
  }

  /** Fails those that match, whether they have been let in yet or not, and answers how many they were. */
  failWhere(
    name: LaneName,
    matches: (write: PendingWrite) => boolean,
    errorOf: (write: PendingWrite) => LockkeeperError,
  ): number {
    const failing = this.lanes[name].everyone().filter(matches)
    let failed = 0
    for (const write of failing) {
      // The end of one may have been the end of another that waited for it.
      if (write.settled) continue
      this.#failWaiting(write, errorOf(write))
      failed++
    }
    return failed
  }

  /** Into its lane, or wherever the lane's overflow sends it. */
  #place(write: PendingWrite): void {
    const lane = this.lanes[write.lane]
    if (write.awaited) lane.awaited.add(write)
    // Whoever waits in the hall came first.
    if (write.bypass || (!lane.isFull && lane.hall.depth === 0)) {
      this.#admit(lane, write)
      this.#patience.watch(write)
    } else if (lane.limits.overflow === 'wait' && lane.hall.depth < lane.limits.waitersMax) {
      lane.hall.push(write)
      this.#ledger?.entered(write)
      this.#patience.watch(write)
    } else this.#refuse(write, laneFull(lane, write))
  }

  #admit(lane: Lane, write: PendingWrite): void {
    write.seq = ++this.#seq
    lane.counts.admitted++
    this.#ledger?.admitted(write)
    lane.push(write)
    write.onAdmitted?.()
    if (lane.isResting) this.restraint.stay()
    if (!write.sending) this.#onEnter?.(lane.name)
  }

  /** The rows of a bulk write have all been sent: it can be taken when its turn comes. */
  complete(write: PendingWrite): void {
    write.sending = false
    if (!write.settled) this.#onEnter?.(write.lane)
  }

  /** Ends a write that waits, in whatever place. */
  fail(write: PendingWrite, error: LockkeeperError): void {
    if (!write.settled) this.#failWaiting(write, error)
  }

  /** Keeps a write out of its lane until another one, in another lane, has its outcome. */
  #hold(write: PendingWrite, after: PendingWrite): void {
    const lane = this.lanes[write.lane]
    if (lane.held.depth >= lane.limits.waitersMax) {
      this.#refuse(write, laneFull(lane, write))
      return
    }
    lane.held.push(write)
    this.#ledger?.entered(write)
    this.#patience.watch(write)
    after.whenSettled(() => {
      if (write.list !== lane.held) return
      lane.held.remove(write)
      this.#patience.unwatch(write)
      this.#place(write)
    })
  }

  /** Fills the room that has been made from the hall, in order. */
  #letIn(lane: Lane): void {
    for (let write = lane.hall.first; write !== undefined && !lane.isFull; write = lane.hall.first) {
      lane.hall.remove(write)
      this.#admit(lane, write)
    }
  }

  #refuse(write: PendingWrite, error: LockkeeperError): void {
    const lane = this.lanes[write.lane]
    lane.awaited.delete(write)
    if (error.code === 'lane-full' && lane.limits.overflow === 'drop') lane.counts.dropped++
    else lane.counts.rejected++
    this.#ledger?.refused(write)
    write.fail(error)
  }

  #failWaiting(write: PendingWrite, error: LockkeeperError): void {
    const lane = this.lanes[write.lane]
    if (write.list === lane.hall || write.list === lane.held) write.list.remove(write)
    else lane.remove(write)
    this.#patience.unwatch(write)
    lane.awaited.delete(write)
    lane.counts.failed++
    write.fail(error)
    this.#letIn(lane)
    // Whoever stood behind a bulk write on its way may have become the first.
    if (lane.isReady) this.#onEnter?.(lane.name)
  }

  #states(): Record<LaneName, LaneState> {
    const now = this.#clock.now()
    const stateOf = ({ depth, isReady, first, limits, awaited }: Lane): LaneState => ({
      depth: isReady ? depth : 0,
      oldestWaitMs: first === undefined ? 0 : now - first.enteredAtMs,
      waitMsMax: limits.waitMsMax,
      isAwaited: awaited.size > 0,
    })
    const { user, sync, background } = this.lanes
    return { user: stateOf(user), sync: stateOf(sync), background: stateOf(background) }
  }
}
