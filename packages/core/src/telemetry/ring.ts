/** The last so many, oldest first. */
export class Ring<Item> {
  readonly #max: number
  readonly #items: Item[] = []
  #next = 0

  constructor(max: number) {
    this.#max = max
  }

  push(item: Item): void {
    this.#items[this.#next] = item
    this.#next = (this.#next + 1) % this.#max
  }

  get length(): number {
    return this.#items.length
  }

  toArray(): Item[] {
    const isFull = this.#items.length === this.#max
    return isFull ? [...this.#items.slice(this.#next), ...this.#items.slice(0, this.#next)] : [...this.#items]
  }
}
