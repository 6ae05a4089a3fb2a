import { batchItemsMax, batchItemsMin } from '../limits.ts'

/**
 * How many items of a lane travel in one message. Those that the slice has no time for, or that are cut off because somebody
 * more urgent came, have been copied to the thread in vain; so the number follows what was got through lately: down to that
 * at once, and up again by doubling while whole batches are answered.
 */
export class Pace {
  #items = batchItemsMax

  get items(): number {
    return this.#items
  }

  /** A batch of so many items came back with so many answered. */
  learn(sent: number, answered: number): void {
    if (answered < sent) this.#items = Math.max(batchItemsMin, Math.min(answered, batchItemsMax))
    else if (sent >= this.#items) this.#items = Math.min(batchItemsMax, this.#items * 2)
  }
}
