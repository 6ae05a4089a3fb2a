import type { PendingRead } from './pending-read.ts'

/** Reads that wait for a reader, first in first out. Taking from the front is O(1) on average: the gap is closed in bulk. */
export class ReadQueue {
  #reads: (PendingRead | undefined)[] = []
  #head = 0

  get depth(): number {
    return this.#reads.length - this.#head
  }

  push(read: PendingRead): void {
    this.#reads.push(read)
  }

  unshift(read: PendingRead): void {
    if (this.#head > 0) this.#reads[--this.#head] = read
    else this.#reads.unshift(read)
  }

  shift(): PendingRead | undefined {
    const read = this.#reads[this.#head]
    if (read === undefined) return undefined
    this.#reads[this.#head++] = undefined
    if (this.#head * 2 > this.#reads.length) {
      this.#reads = this.#reads.slice(this.#head)
      this.#head = 0
    }
    return read
  }
}
