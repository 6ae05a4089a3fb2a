// Promises 7, 12 and 15: reads that wait for a reader are served first in, first out, and can be taken out anywhere.
import { seeded } from '@lockkeeper/testkit'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { PendingRead } from './pending-read.ts'
import { ReadQueue } from './read-queue.ts'

const read = (label: string): PendingRead =>
  new PendingRead({
    work: { kind: 'query', sql: '', parameters: undefined, shape: 'objects' },
    label,
    answer: () => {},
    fail: () => {},
  })

it('a queue of reads behaves like an array', () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.constant('push' as const) },
    fc.constantFrom('unshift' as const, 'shift' as const),
    { weight: 2, arbitrary: fc.nat({ max: 50 }) },
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const queue = new ReadQueue()
      const model: PendingRead[] = []
      for (const [taken, step] of steps.entries()) {
        if (step === 'shift') expect(queue.shift()).toBe(model.shift())
        else if (typeof step === 'number') {
          const [removed] = model.splice(step % (model.length + 1), 1)
          if (removed !== undefined) queue.remove(removed)
        } else {
          const one = read(`read ${taken}`)
          queue[step](one)
          model[step](one)
        }
        expect(queue.depth).toBe(model.length)
        expect(model.every(({ waits }) => waits)).toBe(true)
      }
      for (const one of model) expect(queue.shift()).toBe(one)
      expect(queue.shift()).toBeUndefined()
    }),
    seeded('queue of reads against array', 300),
  )
})

it('what does not wait cannot be taken out', () => {
  const queue = new ReadQueue()
  const one = read('a')
  expect(() => queue.remove(one)).toThrow('does not wait')
  queue.push(one)
  queue.remove(one)
  expect(() => queue.remove(one)).toThrow('does not wait')
})
