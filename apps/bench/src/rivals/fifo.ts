/** First in, first out, without a bound, and without moving what waits each time that something leaves. */
export class Fifo<Item> {
  #items: Item[] = []
  #head = 0

  get length(): number {
    return this.#items.length - this.#head
  }

  push(item: Item): void {
    this.#items.push(item)
  }

  /** @returns up to so many, the oldest first. */
  take(most: number): Item[] {
    const taken = this.#items.slice(this.#head, this.#head + most)
    this.#head += taken.length
    // Half of it has left: moved once for as many items as it moves.
    if (this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return taken
  }
}
