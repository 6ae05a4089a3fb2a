import type { Clock } from '../clock.ts'
import type { Measured } from '../wire/values.ts'
import type { Key } from './entry.ts'

export interface BufferOptions<Value> {
  readonly key: (value: Value) => Key
  /** What a key's older and newer value become. */
  readonly merge: (older: Value, newer: Value) => Value
  /** Whether a value would change anything, seen against the newest that is known of its key. Without it every one does. */
  readonly changes?: ((next: Value, newest: Value) => boolean) | undefined
  /** The buffer's own copy of a value, and its size in bytes: callers may go on to reuse what they handed in. */
  readonly copy: (value: Value) => Measured<Value>
  readonly clock: Pick<Clock, 'now'>
  readonly itemsMax: number
  readonly bytesMax: number
  readonly itemsHeldMax: number
  readonly bytesHeldMax: number
  /** Of what was written, for `changes`. */
  readonly rememberedItemsMax?: number | undefined
  readonly rememberedBytesMax?: number | undefined
  readonly ageMsMax: number
  readonly triesMax: number
  /** Whether the oldest value gives way when there is no room; else the arriving one finds none. */
  readonly evicts?: boolean | undefined
  /** Called when the first value arrives at an empty buffer, and when enough for a flush is held: never per value. */
  readonly signal: (event: 'arrived' | 'full') => void
  /** Told of every loss, by the code of the error that its waiters get. */
  readonly onDropped?: ((code: string, count: number) => void) | undefined
}
