// Promise 6 (enqueueing is O(1)) and the order within a lane: first in, first out, whoever leaves in between.
import { seeded } from '@lockkeeper/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pendingWrite } from '../../fixtures/pending-writes.ts'
import type { PendingWrite } from './pending-write.ts'
import { WriteList } from './write-list.ts'

/** The numbers of all writes in a list, read along both directions of its links. */
function contents(list: WriteList): (number | undefined)[] {
  const forwards: PendingWrite[] = []
  for (let write = list.first; write !== undefined; write = write.next) forwards.push(write)
  const backwards: PendingWrite[] = []
  for (let write = forwards.at(-1); write !== undefined; write = write.previous) backwards.push(write)
  expect(numbers(backwards.toReversed())).toEqual(numbers(forwards))
  expect(numbers(list.toArray())).toEqual(numbers(forwards))
  return numbers(forwards)
}

const numbers = (writes: readonly PendingWrite[]) => writes.map(({ seq }) => seq)

let lastNumber = 0
function numberedWrite(): PendingWrite {
  const write = pendingWrite()
  write.seq = ++lastNumber
  return write
}

describe('a list of writes', () => {
  it('behaves like an array, whatever enters, leaves from anywhere, or is handed back', () => {
    const step = fc.oneof(
      fc.constant({ does: 'push' as const }),
      fc.constant({ does: 'unshift' as const }),
      fc.record({ does: fc.constant('remove' as const), at: fc.nat() }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const list = new WriteList()
        const model: PendingWrite[] = []
        for (const taken of steps) {
          if (taken.does === 'remove') {
            const [write] = model.splice(taken.at % Math.max(1, model.length), 1)
            if (write === undefined) continue
            list.remove(write)
            expect([write.list, write.previous, write.next]).toEqual([undefined, undefined, undefined])
          } else {
            const write = numberedWrite()
            list[taken.does](write)
            model[taken.does](write)
            expect(write.list).toBe(list)
          }
          expect(contents(list)).toEqual(numbers(model))
          expect(list.first).toBe(model[0])
          expect(list.depth).toBe(model.length)
        }
      }),
      seeded('list of writes against array', 300),
    )
  })

  it('takes the last of a hundred thousand away without walking to it', () => {
    const list = new WriteList()
    const writes = Array.from({ length: 100_000 }, () => pendingWrite())
    for (const write of writes) list.push(write)
    const startedAt = performance.now()
    for (const write of writes.toReversed()) list.remove(write)
    // Walking would be five billion steps; this leaves a slow machine two seconds for a hundred thousand.
    expect(performance.now() - startedAt).toBeLessThan(2_000)
    expect(list.depth).toBe(0)
  })

  it('refuses a write that stands in a list already, and to take one from where it is not', () => {
    const [list, other] = [new WriteList(), new WriteList()]
    const write = numberedWrite()
    list.push(write)
    expect(() => other.push(write)).toThrow('stands in a lane already')
    expect(() => list.unshift(write)).toThrow('stands in a lane already')
    expect(() => other.remove(write)).toThrow('does not stand where it is taken from')
    expect(contents(list)).toEqual([write.seq])
    expect([other.depth, list.depth]).toEqual([0, 1])
  })
})
