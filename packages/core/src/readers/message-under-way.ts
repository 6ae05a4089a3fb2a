import { workMax } from '../interrupts/work-gate.ts'
import { readsPerMessageMax } from '../limits.ts'
import { PendingRead } from './pending-read.ts'
import { encodeReads, type ReadsMessage } from './reads-message.ts'

/** The reads that a seat's thread has been sent and has not answered, with the numbers under which they pass the gate. */
export class MessageUnderWay {
  #reads: PendingRead[] = []
  #first = 1
  sentAtMs = 0

  /** In the order of the message. */
  get reads(): readonly PendingRead[] {
    return this.#reads
  }

  /** The number of the first; the others follow it. */
  get first(): number {
    return this.#first
  }

  /** Whether there is none. */
  get isOver(): boolean {
    return this.#reads.length === 0
  }

  /** Whether a read of it was given up by its caller. */
  get hasGivenUp(): boolean {
    return this.#reads.some((read) => read.settled)
  }

  /** To whom a number belongs. Ask the gate once for it: a moment later it may be the next one. */
  readOf(work: number): PendingRead | undefined {
    return this.#reads[work - this.#first]
  }

  begin(reads: PendingRead[], nowMs: number): ReadsMessage {
    this.#wrap()
    this.#reads = reads
    this.sentAtMs = nowMs
    for (const read of reads) read.postedAtMs = nowMs
    return encodeReads(
      this.#first,
      reads.map((read) => read.work),
    )
  }

  /** What was not begun, from this number on, is part of it no longer. */
  cutFrom(work: number): PendingRead[] {
    return this.#reads.splice(work - this.#first)
  }

  /**
   * What stands before this number was run, but its answers come with the message, which may take long: it is run again
   * elsewhere, and what comes of it here is nobody's.
   */
  cutBefore(work: number): PendingRead[] {
    const moved: PendingRead[] = []
    for (let at = 0; at < Math.min(work - this.#first, this.#reads.length); at++) {
      const read = this.#reads[at]
      if (read === undefined || read.settled) continue
      read.moved = true
      moved.push(read)
      this.#reads[at] = elsewhere
    }
    return moved
  }

  /** It was answered, or never will be. @returns the reads that were part of it to the end. */
  end(): PendingRead[] {
    const reads = this.#reads
    this.#first += reads.length
    this.#reads = []
    return reads
  }

  /** A number for other work. */
  skip(): number {
    this.#first += readsPerMessageMax
    this.#wrap()
    return this.#first
  }

  /** Numbers of one message must not wrap, since what is taken back is told by its number. */
  #wrap(): void {
    if (this.#first > workMax - readsPerMessageMax) this.#first = 1
  }
}

/** Stands in a message for a read that runs elsewhere. */
export const elsewhere = new PendingRead({
  work: { kind: 'query', sql: '', parameters: undefined, shape: 'objects' },
  label: undefined,
  answer: () => {},
  fail: () => {},
})
elsewhere.answer({ kind: 'output', output: undefined })
