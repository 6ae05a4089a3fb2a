import type { WorkGate } from '../interrupts/work-gate.ts'
import type { MessageUnderWay } from './message-under-way.ts'
import type { PendingRead } from './pending-read.ts'
import type { Tenant } from './tenant.ts'

export interface MessageWatchParts {
  readonly message: MessageUnderWay
  /** Of the thread that the seat has now. */
  readonly gate: () => WorkGate
  readonly tenant: () => Tenant | undefined
  /** Reads that were not begun, to run wherever there is room. */
  readonly putBack: (reads: readonly PendingRead[]) => void
  readonly cutOff: (work: number) => void
}

/** Watches a seat's message: what is slow there, what was given up, and what can still be taken back. */
export class MessageWatch {
  readonly #parts: MessageWatchParts
  /** What ran at the last look. */
  #seen: number | undefined

  constructor(parts: MessageWatchParts) {
    this.#parts = parts
  }

  /**
   * Looks at a message that has been under way for some time: what stands behind a slow read is given to others, and a read
   * that was given up is cut off.
   * @returns whether it is worth to look again.
   */
  look(): boolean {
    const { message, tenant } = this.#parts
    const isLent = tenant() !== undefined
    // A tenant's reads have nowhere else to go; but what was given up among them should not be begun.
    if (message.reads.length > 1 && (!isLent || message.hasGivenUp)) this.takeBack()
    if (!isLent) this.#moveOn()
    this.#cutOffIf((read) => read.settled)
    return (message.reads.length > 1 && !isLent) || message.hasGivenUp
  }

  /** What was run before a read that is still running at the second look has waited for it long enough. */
  #moveOn(): void {
    const { message, gate } = this.#parts
    const { work } = gate()
    if (work !== undefined && work === this.#seen) this.handBack(message.cutBefore(work))
    this.#seen = work
  }

  /** A read of the message was given up. If it is the one that runs, it is ended as far as that can be done. */
  giveUp(read: PendingRead): void {
    this.#cutOffIf((running) => running === read)
  }

  /** The tenant wants nothing more of the reads under way. */
  endReads(fail: (read: PendingRead) => void): void {
    const { message, gate, cutOff } = this.#parts
    if (message.isOver) return
    gate().bar(message.first)
    for (const read of message.reads) if (!read.settled) fail(read)
    const { work } = gate()
    if (work !== undefined) cutOff(work)
  }

  /** What stands behind the read that runs will not be begun here; between two reads nobody knows which those are. */
  takeBack(): void {
    const next = this.#parts.gate().takeBack()
    if (next !== undefined) this.handBack(this.#parts.message.cutFrom(next))
  }

  /** Reads that were not begun here. */
  handBack(reads: readonly PendingRead[]): void {
    const wanted = reads.filter((read) => !read.settled)
    const tenant = this.#parts.tenant()
    // A snapshot's reads see its state, which no other reader has.
    if (tenant === undefined) this.#parts.putBack(wanted)
    else tenant.putBack(wanted)
  }

  /** The gate is asked once: a moment later it may be the next read that runs. */
  #cutOffIf(isIt: (read: PendingRead) => boolean): void {
    const { message, gate, cutOff } = this.#parts
    const { work } = gate()
    if (work === undefined) return
    const read = message.readOf(work)
    if (read !== undefined && isIt(read)) cutOff(work)
  }
}
