// Whatever comes in whatever order, the newest value of every key is stored in the end or its loss is counted; whoever waits is
// told once and truly; no older value lands over a newer one; no bound is exceeded (promises 3, 10, 12 and 13).
//
//   the app        put a=1 │ offer b │ put a=2 │ barrier of b │ abort │ delete the row of a, forget a │ close
//   the writer     refuses a poison, is busy, fails to sync, dies before COMMIT, dies after it
//   the clock      passes ages and pauses
import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import { seeded } from '@lockkeeper/testkit'
import fc from 'fast-check'
import { test } from 'vitest'
import { createActor, SimulatedClock } from 'xstate'
import { JudgedFlush, type Judgement, type Reading } from '../../fixtures/judged-flush.ts'
import type { TicketOutcome } from '../mailbox/ticket.ts'
import { createCoalescer } from './create.ts'
import { coalescerLimits } from './limits.ts'
import { coalescerMachine } from './machine.ts'
import type { CoalescerOverflow, PutTicket } from './types.ts'

const itemsMax = 3
const itemsHeldMax = 6

const keys = fc.constantFrom(...'abcdefgh')
const value = { key: keys, state: fc.nat(2), isPoison: fc.integer({ min: 0, max: 9 }).map((n) => n === 0) }
const judgements = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Judgement>('fair') },
  {
    weight: 3,
    arbitrary: fc.constantFrom<Judgement>(
      'busy',
      'fault',
      'death',
      'unknown-stored',
      'unknown-lost',
      'result-lost',
    ),
  },
)
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('put' as const), ...value, aborts: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('offer' as const), ...value }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('judge' as const), judgement: judgements }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(400) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('barrier' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('pending' as const), key: keys }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('other road' as const), key: keys }) },
)
const overflows = fc.constantFrom<CoalescerOverflow>('drop', 'drop-oldest', 'reject', 'wait')

interface Given {
  readonly value: Reading
  readonly ticket: PutTicket | undefined
  /** Its row was deleted afterwards: it need not be there in the end. */
  isOvertaken: boolean
}

class Played {
  readonly clock = new SimulatedClock()
  readonly flush = new JudgedFlush()
  readonly coalescer
  readonly given: Given[] = []
  readonly barriers: PutTicket[] = []
  reads = { asked: 0, answered: 0 }
  #version = 0

  constructor(overflow: CoalescerOverflow, isFiltered: boolean) {
    this.coalescer = createCoalescer<Reading>({
      name: 'readings',
      key: ({ key }) => key,
      flush: this.flush,
      changes: isFiltered ? (next, last) => next.state !== last.state || next.isPoison : undefined,
      rememberedItemsMax: 4,
      overflow,
      itemsMax,
      itemsHeldMax,
      clock: this.clock,
    })
    const { input } = this.coalescer
    createActor(coalescerMachine, { systemId: 'readings', input, clock: this.clock }).start()
  }

  next(fields: Omit<Reading, 'version'>): Reading {
    this.#version += 1
    const { key, state, isPoison } = fields
    return { key, state, isPoison, version: this.#version }
  }

  /** By another road than the coalescer, which is told. */
  deleteRow(key: string): void {
    this.flush.stored.delete(key)
    for (const given of this.given) if (given.value.key === key) given.isOvertaken = true
    this.coalescer.forget(key)
  }

  check(): void {
    const { offered, filtered, merged, flushed, rejected, dropped, held, inFlight } = this.coalescer.counts
    const lost = dropped.full + dropped.failed + dropped.closed
    assert.equal(offered, filtered + merged + flushed + rejected + lost + held + inFlight)
    assert(held + inFlight <= itemsHeldMax, 'more is held than may be')
    assert(this.flush.largest <= itemsMax, 'a flush was larger than it may be')
  }

  /** Judges fairly and lets time pass until the actor has ended; a flush that outlives it is judged, too. */
  async close(deadlineMs: number): Promise<void> {
    let hasEnded = false
    const closed = this.coalescer.close({ deadlineMs }).then(() => {
      hasEnded = true
    })
    while (!hasEnded) {
      this.flush.judge('fair')
      await turn()
      this.clock.increment(coalescerLimits.backoffMsFirst)
    }
    await closed
    this.flush.judge('fair')
    await turn()
  }
}

test('any sequence of offers, puts, failures, barriers and closes', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 120, size: 'max' }),
      overflows,
      fc.boolean(),
      fc.constantFrom(0, 150, 3_600_000),
      async (steps, overflow, isFiltered, deadlineMs) => {
        const played = new Played(overflow, isFiltered)
        const { coalescer, flush, given, clock } = played
        for (const next of steps) {
          if (next.do === 'offer') {
            const offered = played.next(next)
            if (coalescer.offer(offered))
              given.push({ value: offered, ticket: undefined, isOvertaken: false })
          } else if (next.do === 'put') {
            const put = played.next(next)
            const leaving = new AbortController()
            const ticket = coalescer.put(put, { signal: leaving.signal })
            given.push({ value: put, ticket, isOvertaken: false })
            if (next.aborts) leaving.abort()
          } else if (next.do === 'judge') flush.judge(next.judgement)
          else if (next.do === 'wait') clock.increment(next.ms)
          else if (next.do === 'barrier') played.barriers.push(coalescer.flush())
          else if (next.do === 'other road') played.deleteRow(next.key)
          else {
            played.reads.asked += 1
            coalescer.pending(next.key).whenSettled(() => {
              played.reads.answered += 1
            })
          }
          await turn()
          played.check()
        }
        await played.close(deadlineMs)
        await judge(played)
      },
    ),
    seeded('coalescer', 150),
  )
})

async function judge(played: Played): Promise<void> {
  const { coalescer, flush, given, barriers, reads } = played
  played.check()
  const { held, inFlight, waiting, dropped, rejected } = coalescer.counts
  assert.deepEqual({ held, inFlight, waiting }, { held: 0, inFlight: 0, waiting: 0 })
  assert.equal(reads.answered, reads.asked)
  await Promise.all(barriers.map((barrier) => barrier.outcome()))

  const newest = new Map<string, { value: Reading; outcome: TicketOutcome<undefined> | undefined }>()
  for (const { value, ticket, isOvertaken } of given) {
    const outcome = await ticket?.outcome()
    const stays = outcome === undefined || outcome.outcome !== 'not-stored'
    if (outcome?.outcome === 'not-stored') assert(!flush.applied.has(value.version), 'stored, told otherwise')
    if (isOvertaken) continue
    if (outcome?.outcome === 'committed') {
      const stored = flush.stored.get(value.key)
      assert(stored !== undefined, 'told of a commit, and nothing is there')
    }
    if (stays) newest.set(value.key, { value, outcome })
  }
  let missing = 0
  for (const [key, { value, outcome }] of newest) {
    const stored = flush.stored.get(key)
    const isThere = stored?.version === value.version || stored?.state === value.state
    if (outcome?.outcome === 'committed')
      assert(isThere || (stored?.version ?? 0) > value.version, `${key} is not stored`)
    else if (!isThere) missing += 1
  }
  const lost = dropped.full + dropped.failed + dropped.closed + rejected
  assert(missing <= lost, `${missing} keys miss their newest value, and ${lost} losses are counted`)
}
