// Design, “Values”: what is handed in is copied when admitted, and what comes out has Buffers where there are bytes.
import { seeded } from '@lockkeeper/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isLockkeeperError } from '../errors/lockkeeper-error.ts'
import { writeBytesMax } from '../limits.ts'
import { detach, markDetached, withBuffers } from './values.ts'

const invalid = expect.objectContaining({ code: 'invalid-argument', stage: 'admission' })

describe('a detached input', () => {
  it('equals what was handed in, and clones as a message', () => {
    const input = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
    })
    fc.assert(
      fc.property(input, (value) => {
        const detached = detach(value).value
        expect(structuredClone(detached)).toEqual(structuredClone(value))
      }),
      seeded('detached inputs', 500),
    )
  })

  it('does not change when the caller fills the same array and the same buffer again', () => {
    const bytes = Buffer.from('abc')
    const input = { list: [1, { bytes }], named: { text: 'a' } }
    const { value } = detach(input)
    bytes.fill(0)
    input.list.push(2)
    input.named.text = 'b'
    expect(value).toEqual({ list: [1, { bytes: new Uint8Array(Buffer.from('abc')) }], named: { text: 'a' } })
  })

  it('drags no slab along: bytes lie in a buffer of their own size', () => {
    const small = Buffer.from('abc')
    expect(small.buffer.byteLength).toBeGreaterThan(3)
    const { value } = detach([small])
    expect(value[0]?.buffer.byteLength).toBe(3)
  })

  it('is taken as it is where it was detached before, and still bounded', () => {
    const bytes = new Uint8Array(10)
    const values = markDetached([bytes], 18)
    expect(detach(values)).toEqual({ value: values, bytes: 18 })
    expect(detach(values).value[0]).toBe(bytes)
    expect(structuredClone(values)).toEqual([bytes])
    expect(() => detach(markDetached([bytes], Number.MAX_SAFE_INTEGER))).toThrow('Split it')
  })

  it('is measured by its text and its bytes', () => {
    expect(detach('a'.repeat(1_000)).bytes).toBe(1_000)
    expect(detach([Buffer.alloc(5_000), new Float64Array(100)]).bytes).toBeGreaterThanOrEqual(5_800)
  })

  it.each<[string, unknown]>([
    ['a function', () => 1],
    ['a function inside', { a: [{ b: () => 1 }] }],
    ['a symbol', Symbol('x')],
    ['a promise', Promise.resolve(1)],
    ['a function in a map', new Map([['a', () => 1]])],
  ])('cannot be %s', (_, input) => {
    expect(() => detach(input)).toThrow(invalid)
    expect(() => detach(input)).toThrow('pass plain values')
  })

  it('cannot contain itself, nor be nested without end', () => {
    const cyclic: { self?: unknown } = {}
    cyclic.self = cyclic
    expect(() => detach(cyclic)).toThrow(invalid)
  })

  it('cannot be larger than one request may be', () => {
    const half = 'a'.repeat(writeBytesMax / 2)
    expect(detach([half, half.slice(100)]).bytes).toBeLessThanOrEqual(writeBytesMax)
    expect(() => detach([half, half])).toThrow(invalid)
    expect(() => detach([half, half])).toThrow(/at most \d+\. Split it/)
  })
})

describe('an output', () => {
  it('has Buffers wherever it has bytes, in place', () => {
    const output = { a: [new Uint8Array([1, 2]), { b: new Uint8Array([3]) }], c: 'x', d: null }
    const seen = withBuffers(structuredClone(output))
    expect(seen).toEqual({ a: [Buffer.from([1, 2]), { b: Buffer.from([3]) }], c: 'x', d: null })
    expect(withBuffers(new Uint8Array([1]))).toEqual(Buffer.from([1]))
  })

  it('shares the memory of the bytes it arrived in', () => {
    const bytes = new Uint8Array([1, 2, 3]).subarray(1)
    const seen = withBuffers(bytes) as Buffer
    expect([seen.buffer, seen.byteOffset, seen.length]).toEqual([bytes.buffer, 1, 2])
  })

  it('that contains itself is refused, not walked for ever', () => {
    const cyclic: { self?: unknown } = {}
    cyclic.self = [cyclic]
    expect(() => withBuffers(cyclic)).toThrow(expect.objectContaining({ code: 'invalid-argument' }))
    expect(isLockkeeperError(thrownBy(() => withBuffers(cyclic)))).toBe(true)
  })
})

function thrownBy(act: () => unknown): unknown {
  try {
    return act()
  } catch (thrown) {
    return thrown
  }
}
