import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { writeBytesMax } from '../limits.ts'

/** A rough size of what a message will carry, in bytes: text by its length, bytes by theirs, anything else by a word. */
export interface Measured<Value> {
  readonly value: Value
  readonly bytes: number
}

/**
 * A copy of an input that nobody else can change, taken when a request is admitted: network buffers get reused and
 * callers fill the same array again. Bytes land in an ArrayBuffer of exactly their size, since a small Buffer posted as it
 * is drags its whole slab along.
 *
 * @param transfer the caller gives its bytes away: a Uint8Array that fills its ArrayBuffer is taken over, not copied, and is
 * empty for the caller from then on. One that is a part of a larger buffer is copied all the same.
 *
 * @throws LockkeeperError `invalid-argument` for what structured clone refuses, and for inputs over the bound.
 */
export function detach<Value>(input: Value, transfer = false): Measured<Value> {
  const own = Array.isArray(input) ? (input as OwnArray)[ownBytes] : undefined
  if (own !== undefined) return bounded({ value: input, bytes: own })
  const gauge: Gauge = { bytes: 0, transfer }
  const value = copy(input, gauge, 0) as Value
  return bounded({ value, bytes: gauge.bytes })
}

/**
 * Says of an array that all in it is a copy of ours already, of so many bytes, which nobody will change: it passes admission as
 * it is. What a coalescer has copied when it was handed in need not be copied again when it is flushed.
 */
export function markDetached<Value>(values: Value[], bytes: number): Value[] {
  return Object.defineProperty(values, ownBytes, { value: bytes })
}

const ownBytes = Symbol('the bytes of what is detached already')
type OwnArray = unknown[] & { readonly [ownBytes]?: number }

function bounded<Value>(measured: Measured<Value>): Measured<Value> {
  if (measured.bytes <= writeBytesMax) return measured
  throw new LockkeeperError(
    `The input is ${measured.bytes} bytes; one request carries at most ${writeBytesMax}. Split it`,
    { code: 'invalid-argument', stage: 'admission' },
  )
}

interface Gauge {
  bytes: number
  readonly transfer: boolean
  /** Buffers that were handed over, by what they were to the caller: the same bytes may stand in several places. */
  taken?: Map<ArrayBuffer, Uint8Array>
}

/** Deeper nesting than this is a cycle or a mistake. */
const depthMax = 64
const wordBytes = 8

function copy(input: unknown, gauge: Gauge, depth: number): unknown {
  if (typeof input === 'string') {
    gauge.bytes += input.length
    return input
  }
  gauge.bytes += wordBytes
  if (typeof input !== 'object' || input === null) {
    if (typeof input === 'function' || typeof input === 'symbol') throw unclonable(typeof input)
    return input
  }
  if (ArrayBuffer.isView(input)) return copyBytes(input, gauge)
  if (depth === depthMax) throw unclonable(`value nested deeper than ${depthMax}`)
  if (Array.isArray(input)) return input.map((element) => copy(element, gauge, depth + 1))
  const prototype: unknown = Object.getPrototypeOf(input)
  if (prototype === Object.prototype || prototype === null) {
    const twin: Record<string, unknown> = {}
    for (const key of Object.keys(input))
      twin[key] = copy((input as Record<string, unknown>)[key], gauge, depth + 1)
    return twin
  }
  return clone(input)
}

function copyBytes(view: ArrayBufferView, gauge: Gauge): unknown {
  gauge.bytes += view.byteLength
  if (!(view instanceof Uint8Array)) return clone(view)
  if (gauge.transfer && view.buffer instanceof ArrayBuffer) {
    const taken = gauge.taken?.get(view.buffer)
    if (taken !== undefined) return taken
    if (view.byteLength === view.buffer.byteLength && view.byteLength > 0) {
      const own = new Uint8Array(view.buffer.transfer())
      gauge.taken = (gauge.taken ?? new Map()).set(view.buffer, own)
      return own
    }
  }
  const own = new Uint8Array(view.byteLength)
  own.set(view)
  return own
}

function clone(value: object): unknown {
  try {
    return structuredClone(value)
  } catch (cause) {
    throw unclonable(value.constructor.name, cause)
  }
}

function unclonable(what: string, cause?: unknown): LockkeeperError {
  return new LockkeeperError(
    `A ${what} cannot be sent to the database’s thread: pass plain values, arrays, objects and bytes`,
    { code: 'invalid-argument', stage: 'admission', cause },
  )
}

/**
 * Bytes come out of a thread as Uint8Arrays; people expect what better-sqlite3 gives. Works in place.
 * @throws LockkeeperError `invalid-argument` for an output that is nested too deep or contains itself.
 */
export function withBuffers(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (depth > depthMax) {
    throw new LockkeeperError(
      `A procedure’s result is nested deeper than ${depthMax}, or contains itself: return plain values`,
      { code: 'invalid-argument', stage: 'answer' },
    )
  }
  if (value instanceof Uint8Array) {
    return Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  }
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const element: unknown = value[index]
      if (typeof element === 'object' && element !== null) value[index] = withBuffers(element, depth + 1)
    }
    return value
  }
  if (Object.getPrototypeOf(value) === Object.prototype) {
    const record = value as Record<string, unknown>
    for (const key of Object.keys(record)) {
      const element = record[key]
      if (typeof element === 'object' && element !== null) record[key] = withBuffers(element, depth + 1)
    }
  }
  return value
}
