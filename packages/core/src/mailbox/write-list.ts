import type { PendingWrite } from './pending-write.ts'

/** A doubly linked list of the writes themselves: everything is O(1), and nothing is allocated. */
export class WriteList {
  #first: PendingWrite | undefined
  #last: PendingWrite | undefined
  #depth = 0

  get depth(): number {
    return this.#depth
  }

  get first(): PendingWrite | undefined {
    return this.#first
  }

  /** At the end. */
  push(write: PendingWrite): void {
    this.#insert(write, this.#last, undefined)
  }

  /** At the front. */
  unshift(write: PendingWrite): void {
    this.#insert(write, undefined, this.#first)
  }

  remove(write: PendingWrite): void {
    if (write.list !== this) throw new Error('A write does not stand where it is taken from')
    const { previous, next } = write
    if (previous === undefined) this.#first = next
    else previous.next = next
    if (next === undefined) this.#last = previous
    else next.previous = previous
    write.previous = undefined
    write.next = undefined
    write.list = undefined
    this.#depth--
  }

  /** All of them, as they stand now. */
  toArray(): PendingWrite[] {
    const writes: PendingWrite[] = []
    for (let write = this.#first; write !== undefined; write = write.next) writes.push(write)
    return writes
  }

  #insert(write: PendingWrite, previous: PendingWrite | undefined, next: PendingWrite | undefined): void {
    if (write.list !== undefined) throw new Error('A write stands in a lane already')
    write.previous = previous
    write.next = next
    if (previous === undefined) this.#first = write
    else previous.next = write
    if (next === undefined) this.#last = write
    else next.previous = write
    write.list = this
    this.#depth++
  }
}
