import type { LockkeeperError } from '../errors/lockkeeper-error.ts'
import type { LaneLimits } from '../limits.ts'
import type { LaneName } from './lane-name.ts'
import { Pace } from './pace.ts'
import { notStored, type PendingWrite } from './pending-write.ts'
import { WriteList } from './write-list.ts'

/** One lane: its queue, bounded, first in first out, and who waits to get into it. */
export class Lane {
  readonly name: LaneName
  readonly limits: LaneLimits
  readonly counts = { admitted: 0, rejected: 0, dropped: 0, committed: 0, failed: 0 }
  readonly pace = new Pace()
  readonly #queue = new WriteList()
  /** Writes that wait for room, where the lane's overflow is `wait`. */
  readonly hall = new WriteList()
  /** Writes that wait for the outcome of another one, in another lane. */
  readonly held = new WriteList()
  /** Told to give others more of the writer: nothing is taken out, but for what somebody waits for. */
  isResting = false
  /** Those of its writes, in whatever place, that somebody waits for. */
  readonly awaited = new Set<PendingWrite>()

  constructor(name: LaneName, limits: LaneLimits) {
    this.name = name
    this.limits = limits
  }

  get depth(): number {
    return this.#queue.depth
  }

  get isFull(): boolean {
    return this.#queue.depth >= this.limits.capacity
  }

  /** Whether its oldest write can be taken. */
  get isReady(): boolean {
    const { first } = this.#queue
    return first !== undefined && !first.sending && (!this.isResting || this.awaited.size > 0)
  }

  get isEmpty(): boolean {
    return this.#queue.depth + this.hall.depth + this.held.depth === 0
  }

  get first(): PendingWrite | undefined {
    return this.#queue.first
  }

  /** At the end. */
  push(write: PendingWrite): void {
    this.#queue.push(write)
  }

  /** At the front: work that was handed back. It keeps its place, so the bound does not apply to it. */
  unshift(write: PendingWrite): void {
    this.#queue.unshift(write)
  }

  remove(write: PendingWrite): void {
    this.#queue.remove(write)
  }

  /** Everybody who waits here for whatever reason, in the order in which they would be served. */
  everyone(): PendingWrite[] {
    return [...this.#queue.toArray(), ...this.hall.toArray(), ...this.held.toArray()]
  }
}

export function laneFull(lane: Lane, write: PendingWrite): LockkeeperError {
  return notStored(
    `The ${lane.name} lane is full (${lane.limits.capacity} writes wait): wait for some to end, or send fewer`,
    {
      code: 'lane-full',
      label: write.label,
      retryable: true,
      retryAfterMs: Math.max(1, lane.limits.sliceMs * 2),
    },
  )
}
