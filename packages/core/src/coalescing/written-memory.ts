import type { Measured } from '../wire/values.ts'
import type { Key } from './entry.ts'

interface Written<Value> extends Measured<Value> {
  /** Asked for since it last came to its turn to be forgotten. */
  wasUsed: boolean
}

/**
 * What was last written of each key, as far as there is room: the ground on which values are filtered that would change
 * nothing, without a look into the database.
 *
 * To be asked costs one look-up: a key that was asked for is only marked, and gets a second chance when its turn comes.
 */
export class WrittenMemory<Value> {
  readonly #itemsMax: number
  readonly #bytesMax: number
  readonly #written = new Map<Key, Written<Value>>()
  #bytes = 0

  constructor(bounds: { readonly itemsMax: number; readonly bytesMax: number }) {
    this.#itemsMax = bounds.itemsMax
    this.#bytesMax = bounds.bytesMax
  }

  get items(): number {
    return this.#written.size
  }

  get bytes(): number {
    return this.#bytes
  }

  find(key: Key): Measured<Value> | undefined {
    const written = this.#written.get(key)
    if (written !== undefined) written.wasUsed = true
    return written
  }

  note(key: Key, { value, bytes }: Measured<Value>): void {
    const wasUsed = this.#written.get(key)?.wasUsed ?? false
    this.forget(key)
    if (this.#itemsMax <= 0 || bytes > this.#bytesMax) return
    while (this.#written.size >= this.#itemsMax || this.#bytes + bytes > this.#bytesMax) this.#makeRoom()
    this.#written.set(key, { value, bytes, wasUsed })
    this.#bytes += bytes
  }

  forget(key: Key): void {
    const written = this.#written.get(key)
    if (written === undefined) return
    this.#written.delete(key)
    this.#bytes -= written.bytes
  }

  clear(): void {
    this.#written.clear()
    this.#bytes = 0
  }

  /** Forgets the oldest that nobody asked for; those asked for go to the end of the line, unmarked. */
  #makeRoom(): void {
    for (const [key, written] of this.#written) {
      this.#written.delete(key)
      if (!written.wasUsed) {
        this.#bytes -= written.bytes
        return
      }
      written.wasUsed = false
      this.#written.set(key, written)
    }
  }
}
