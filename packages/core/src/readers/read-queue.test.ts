// Promises 7 and 12: reads that wait for a reader are served first in, first out.
import { seeded } from '@lockkeeper/testkit'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { PendingRead } from './pending-read.ts'
import { ReadQueue } from './read-queue.ts'

it('a queue of reads behaves like an array', () => {
  const does = fc.constantFrom('push' as const, 'push' as const, 'unshift' as const, 'shift' as const)
  fc.assert(
    fc.property(fc.array(does, { maxLength: 200 }), (steps) => {
      const queue = new ReadQueue()
      const model: PendingRead[] = []
      for (const [step, taken] of steps.entries()) {
        if (taken === 'shift') expect(queue.shift()).toBe(model.shift())
        else {
          const read = { label: `read ${step}` } as PendingRead
          queue[taken](read)
          model[taken](read)
        }
        expect(queue.depth).toBe(model.length)
      }
      for (const read of model) expect(queue.shift()).toBe(read)
      expect(queue.shift()).toBeUndefined()
    }),
    seeded('queue of reads against array', 300),
  )
})
