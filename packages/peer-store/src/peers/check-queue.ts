import { setImmediate as nextTurn } from 'node:timers/promises'
import { peerLimits } from '../limits.ts'

export interface CheckQueueOptions<Item> {
  /** Looks at one item; its results are its own affair. Must not throw. */
  readonly check: (item: Item) => void
  readonly itemsMax?: number | undefined
  /** How long checking may hold the thread at a stretch, in milliseconds. */
  readonly sliceMs?: number | undefined
  /** Milliseconds. */
  readonly now?: (() => number) | undefined
}

/**
 * Items that are taken at once and looked at later, in short slices between other work of the thread: reading a list of
 * addresses costs some hundred microseconds, and whoever reports a connect has no time for that. In order, and bounded.
 */
export class CheckQueue<Item extends { readonly id: string }> {
  readonly #check: (item: Item) => void
  readonly #itemsMax: number
  readonly #sliceMs: number
  readonly #now: () => number
  #items: { readonly item: Item; readonly order: number }[] = []
  /** Where the front is: taking from the front of an array moves the rest of it. */
  #front = 0
  #orderLast = 0
  #working = false

  constructor(options: CheckQueueOptions<Item>) {
    this.#check = options.check
    this.#itemsMax = options.itemsMax ?? peerLimits.checksHeldMax
    this.#sliceMs = options.sliceMs ?? peerLimits.checkSliceMs
    this.#now = options.now ?? (() => performance.now())
  }

  get waiting(): number {
    return this.#items.length - this.#front
  }

  /** Answers false if there is no room. */
  add(item: Item): boolean {
    if (this.waiting >= this.#itemsMax) return false
    this.#items.push({ item, order: ++this.#orderLast })
    if (!this.#working) void this.#work()
    return true
  }

  /** Looks at what waits of one id now: somebody wants to see it stored. */
  hurry(id: string): void {
    if (this.waiting === 0) return
    const waiting = this.#items.slice(this.#front)
    this.#front = 0
    this.#items = waiting.filter(({ item }) => item.id !== id)
    for (const { item } of waiting) if (item.id === id) this.#check(item)
  }

  /** Resolves when what waits now has been looked at. */
  async emptied(): Promise<void> {
    const upTo = this.#orderLast
    while (this.#isBefore(upTo)) await nextTurn()
  }

  /** Looks at what waits until so long has passed. Answers how long is left of that; what still waits then is given up. */
  async finish(deadlineMs: number): Promise<{ readonly leftMs: number; readonly abandoned: number }> {
    const endsAt = this.#now() + deadlineMs
    while (this.waiting > 0 && this.#now() < endsAt) {
      this.#slice()
      if (this.waiting > 0) await nextTurn()
    }
    const abandoned = this.waiting
    this.#items = []
    this.#front = 0
    return { leftMs: Math.max(0, endsAt - this.#now()), abandoned }
  }

  async #work(): Promise<void> {
    this.#working = true
    while (this.waiting > 0) {
      await nextTurn()
      this.#slice()
    }
    this.#working = false
  }

  #slice(): void {
    const endsAt = this.#now() + this.#sliceMs
    do {
      const next = this.#items[this.#front]
      if (next === undefined) break
      this.#front++
      this.#check(next.item)
    } while (this.#now() < endsAt)
    if (this.#front * 2 < this.#items.length) return
    this.#items = this.#items.slice(this.#front)
    this.#front = 0
  }

  #isBefore(order: number): boolean {
    const front = this.#items[this.#front]
    return front !== undefined && front.order <= order
  }
}
