import { markDetached } from '../wire/values.ts'
import type { Entry, Key } from './entry.ts'

/** The one batch that is being flushed, if any is. */
export class Flight<Value> {
  readonly #bounds: { readonly itemsMax: number; readonly bytesMax: number }
  #entries = new Map<Key, Entry<Value>>()
  #bytes = 0
  /** It is part of a refused batch, and flies without company. */
  isPart = false

  constructor(bounds: { readonly itemsMax: number; readonly bytesMax: number }) {
    this.#bounds = bounds
  }

  get size(): number {
    return this.#entries.size
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Entries hold copies of our own. */
  get values(): Value[] {
    return markDetached(
      Array.from(this.#entries.values(), (entry) => entry.value),
      this.#bytes,
    )
  }

  get(key: Key): Entry<Value> | undefined {
    return this.#entries.get(key)
  }

  /** What flies of a key, if it tells what the row will be. */
  trusted(key: Key): Entry<Value> | undefined {
    const entry = this.#entries.get(key)
    return entry?.isTrusted === true ? entry : undefined
  }

  /** Rows were changed by another road, before these land or after: nobody can say. Without a key, any of them. */
  distrust(key: Key | undefined): void {
    if (key === undefined) for (const entry of this.#entries.values()) entry.isTrusted = false
    const entry = key === undefined ? undefined : this.#entries.get(key)
    if (entry !== undefined) entry.isTrusted = false
  }

  /** Whether one more fits; the first always does. */
  fits(entry: Entry<Value>): boolean {
    const { itemsMax, bytesMax } = this.#bounds
    return this.size === 0 || (this.size < itemsMax && this.#bytes + entry.bytes <= bytesMax)
  }

  add(entry: Entry<Value>): void {
    this.#entries.set(entry.key, entry)
    this.#bytes += entry.bytes
  }

  /** It has ended: what was in it. */
  land(): Entry<Value>[] {
    const landed = [...this.#entries.values()]
    this.#entries = new Map()
    this.#bytes = 0
    return landed
  }
}
