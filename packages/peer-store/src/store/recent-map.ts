/** A map that forgets what nobody asked for or set for longest, once it holds so many. */
export class RecentMap<Value> {
  readonly #itemsMax: number
  readonly #items = new Map<string, Value>()

  constructor(itemsMax: number) {
    this.#itemsMax = itemsMax
  }

  get size(): number {
    return this.#items.size
  }

  /** What is kept under a key; to look at it does not count as asking for it. */
  find(key: string): Value | undefined {
    return this.#items.get(key)
  }

  /** What is kept under a key, made if there is nothing. */
  getOrMake(key: string, make: () => Value): Value {
    let value = this.#items.get(key)
    if (value === undefined) {
      value = make()
      if (this.#items.size >= this.#itemsMax) this.#forgetOldest()
    } else this.#items.delete(key) // to the end: a map's first entry is the one that was set first
    this.#items.set(key, value)
    return value
  }

  delete(key: string): void {
    this.#items.delete(key)
  }

  #forgetOldest(): void {
    const oldest = this.#items.keys().next()
    if (oldest.done !== true) this.#items.delete(oldest.value)
  }
}
