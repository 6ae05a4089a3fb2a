import type { Measured } from '../wire/values.ts'
import type { BufferOptions } from './buffer-options.ts'
import type { Key } from './entry.ts'
import { coalescerLimits } from './limits.ts'
import { WrittenMemory } from './written-memory.ts'

/**
 * Tells values that change something from those that don't, by the app's own function and without a look into the database.
 * A value is seen against the newest that is on its way under its key, else against what was last written of it: so a value
 * that is held back and a later return to the one before are told apart.
 */
export class ChangeFilter<Value> {
  readonly #options: Pick<BufferOptions<Value>, 'changes' | 'merge' | 'copy'>
  readonly #written: WrittenMemory<Value>

  constructor(
    options: Pick<
      BufferOptions<Value>,
      'changes' | 'merge' | 'copy' | 'rememberedItemsMax' | 'rememberedBytesMax'
    >,
  ) {
    this.#options = options
    this.#written = new WrittenMemory({
      itemsMax: options.rememberedItemsMax ?? coalescerLimits.rememberedItemsMaxDefault,
      bytesMax: options.rememberedBytesMax ?? coalescerLimits.rememberedBytesMaxDefault,
    })
  }

  get isOn(): boolean {
    return this.#options.changes !== undefined
  }

  changes(key: Key, next: Value, pending: Measured<Value> | undefined): boolean {
    const newest = pending ?? this.#written.find(key)
    return newest === undefined || (this.#options.changes?.(next, newest.value) ?? true)
  }

  /** A value is committed: what is known of its key is what both, one after the other, made of it. */
  remember(key: Key, own: Measured<Value>): void {
    if (!this.isOn) return
    const before = this.#written.find(key)
    this.#written.note(key, before === undefined ? own : this.#together(before, own))
  }

  /** Without a key, everything. */
  forget(key?: Key): void {
    if (key === undefined) this.#written.clear()
    else this.#written.forget(key)
  }

  #together(before: Measured<Value>, own: Measured<Value>): Measured<Value> {
    try {
      const merged = this.#options.merge(before.value, own.value)
      return merged === own.value ? own : this.#options.copy(merged)
    } catch {
      return own // the two don't add up: the later one is what was written last
    }
  }
}
