import type { LaneLimits } from '../limits.ts'
import type { LaneName } from './lane-name.ts'
import type { PendingWrite } from './pending-write.ts'

/** One lane's queue: bounded, first in first out, a doubly linked list of the writes themselves. */
export class Lane {
  readonly name: LaneName
  readonly limits: LaneLimits
  readonly counts = { admitted: 0, rejected: 0, committed: 0, failed: 0 }
  #first: PendingWrite | undefined
  #last: PendingWrite | undefined
  #depth = 0

  constructor(name: LaneName, limits: LaneLimits) {
    this.name = name
    this.limits = limits
  }

  get depth(): number {
    return this.#depth
  }

  get isFull(): boolean {
    return this.#depth >= this.limits.capacity
  }

  get first(): PendingWrite | undefined {
    return this.#first
  }

  /** At the end. */
  push(write: PendingWrite): void {
    this.#insert(write, this.#last, undefined)
  }

  /** At the front: work that was handed back. It keeps its place, so the bound does not apply to it. */
  unshift(write: PendingWrite): void {
    this.#insert(write, undefined, this.#first)
  }

  remove(write: PendingWrite): void {
    const { previous, next } = write
    if (previous === undefined) this.#first = next
    else previous.next = next
    if (next === undefined) this.#last = previous
    else next.previous = previous
    write.previous = undefined
    write.next = undefined
    write.queued = false
    this.#depth--
  }

  #insert(write: PendingWrite, previous: PendingWrite | undefined, next: PendingWrite | undefined): void {
    if (write.queued) throw new Error('A write stands in a lane already')
    write.previous = previous
    write.next = next
    if (previous === undefined) this.#first = write
    else previous.next = write
    if (next === undefined) this.#last = write
    else next.previous = write
    write.queued = true
    this.#depth++
  }
}
