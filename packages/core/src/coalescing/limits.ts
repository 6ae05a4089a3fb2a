import { batchBytesMax } from '../limits.ts'

/** Bounds of a coalescer, each with its reason. Those with `Default` can be set per coalescer. */
export const coalescerLimits = {
  /** Values in one flush. A flush is one indivisible item of its lane, so this bounds how long it holds users up. */
  itemsMaxDefault: 500,
  /** How long a value may wait for company, in milliseconds: short against what a person notices. */
  ageMsMaxDefault: 100,
  /** Values held at once, those in flight included: about 20 flushes of the default size. */
  itemsHeldMaxDefault: 10_000,
  /** Bytes in one flush: what one message to the writer's thread carries. */
  bytesMaxDefault: batchBytesMax,
  /** Bytes held at once: dozens of flushes, and a tolerable share of a small machine's memory. */
  bytesHeldMaxDefault: 32 * 1_048_576,
  /** The share of what may be held at which a flush starts whatever the age: a quarter is left for what comes meanwhile. */
  pressureShare: 0.75,
  /** Keys whose last written value is remembered for the filter: some times the peers that a large node knows. */
  rememberedItemsMaxDefault: 8_192,
  /** Bytes of remembered values: at 4 KB of addresses a peer, 4,000 peers. */
  rememberedBytesMaxDefault: 16 * 1_048_576,
  /** Calls of `put` and `flush` that may wait at once: each costs an object, and a signal that never comes keeps it. */
  waitersMax: 10_000,
  /**
   * Tries of values whose flush failed for no fault of theirs and without the promise that it will pass: with the pauses
   * between, enough to outlive a restart of the writer's thread.
   */
  triesMax: 5,
  /** The first pause after a failed flush, in milliseconds; it doubles with every failure in a row. */
  backoffMsFirst: 50,
  /** The longest pause between tries, in milliseconds: how late a recovered writer may be noticed. */
  backoffMsMax: 5_000,
  /** How long draining may take when whoever closes does not say, in milliseconds. */
  drainMsDefault: 5_000,
} as const
