import type { PendingRead } from './pending-read.ts'

/**
 * Reads that wait for a reader, first in first out. Everything is O(1) on average: the gap in front, and those that reads
 * leave which are taken out of the middle, are closed in bulk, before they outnumber the reads.
 */
export class ReadQueue {
  #reads: (PendingRead | undefined)[] = []
  #head = 0
  #depth = 0

  get depth(): number {
    return this.#depth
  }

  push(read: PendingRead): void {
    this.#reads.push(read)
    this.#enter(read)
  }

  unshift(read: PendingRead): void {
    if (this.#head > 0) this.#reads[--this.#head] = read
    else this.#reads.unshift(read)
    this.#enter(read)
  }

  shift(): PendingRead | undefined {
    if (this.#depth === 0) return undefined
    let read: PendingRead | undefined
    do {
      read = this.#reads[this.#head]
      this.#reads[this.#head++] = undefined
    } while (!read?.waits)
    this.#leave(read)
    return read
  }

  /** Takes a read out, wherever it stands. */
  remove(read: PendingRead): void {
    if (!read.waits) throw new Error('A read does not wait where it is taken from')
    this.#leave(read)
  }

  #enter(read: PendingRead): void {
    read.waits = true
    read.postedAtMs = undefined
    this.#depth++
  }

  #leave(read: PendingRead): void {
    read.waits = false
    this.#depth--
    if (this.#depth * 2 >= this.#reads.length) return
    this.#reads = this.#reads.filter((other) => other?.waits)
    this.#head = 0
  }
}
