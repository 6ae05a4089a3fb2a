// Issue 8, “must show”: over a random hour of load the ledger says exactly what an account says that is kept by looking at each
// write; and whatever happens in whatever order, what is charged to a label adds up to its waits.
import { seeded } from '@lockkeeper/testkit'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Heard, HeardWrites } from '../../fixtures/heard-writes.ts'
import { type BatchCourse, RecordedWrites } from '../../fixtures/recorded-writes.ts'
import type { LaneName } from '../mailbox/lane-name.ts'
import type { LedgerReport, WriteLabelReport } from './ledger-report.ts'

const lanes = {
  user: { capacity: 24, overflow: 'reject', waitersMax: 8, sliceMs: 5, waitMsMax: 0 },
  sync: { capacity: 12, overflow: 'wait', waitersMax: 12, sliceMs: 5, waitMsMax: 250 },
  background: { capacity: 16, overflow: 'drop', waitersMax: 8, sliceMs: 5, waitMsMax: 500 },
} as const

/** Evenly spread: small values would make the hour a long one. */
const ms = (max: number) => fc.noBias(fc.integer({ min: 0, max: max * 1_000 }).map((us) => us / 1_000))
const which = fc.nat({ max: 1_000 })
const lane = fc.constantFrom<LaneName>('user', 'user', 'sync', 'background')

const step = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('enter' as const),
      lane,
      label: fc.constantFrom('connect', 'blobs', 'index', 'seen'),
      writes: fc.integer({ min: 1, max: 9 }),
      deadlineMs: fc.option(ms(600), { nil: undefined, freq: 4 }),
      bestEffort: fc.boolean(),
      follows: fc.boolean(),
    }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('go on' as const),
      answered: fc.constantFrom(1, 1, 0.5),
      waitedMs: fc.oneof(fc.constant(0), fc.constant(0), ms(40)),
      itemMs: ms(20),
      commitMs: ms(10),
      awayMs: ms(30),
      which,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('contend' as const), waitedMs: ms(25) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('die' as const), committed: ms(1), restartMs: ms(300) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('hold' as const, 'let go' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('checkpoint' as const), ms: ms(20) }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: ms(400) }) },
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

const plain: BatchCourse = { answered: 1, waitedMs: 0, itemMs: 1, commitMs: 1, awayMs: 1, fails: () => false }

async function take(load: RecordedWrites, next: Step): Promise<void> {
  const { desk, mailbox, clock } = load.played
  switch (next.do) {
    case 'enter':
      for (let n = 0; n < next.writes; n++) {
        const after = next.follows ? load.last : undefined
        load.enter(next.lane, next.label, {
          ...{ after, deadlineMs: next.deadlineMs, bestEffort: next.bestEffort },
        })
      }
      break
    case 'go on':
      if (desk.isBusy) await load.answer({ ...next, fails: (item) => (item + next.which) % 7 === 0 })
      else if (mailbox.hasWork) desk.dispatch()
      break
    case 'contend':
      if (desk.isBusy) load.contend(next.waitedMs)
      break
    case 'die':
      await load.die(next.committed, next.restartMs)
      break
    case 'hold':
      mailbox.restraint.hold()
      break
    case 'let go':
      mailbox.restraint.letGo()
      break
    case 'checkpoint':
      load.played.ledger.writes.checkpointed(next.ms)
      break
    case 'wait':
      clock.advance(next.ms)
  }
}

interface Told {
  readonly load: RecordedWrites
  readonly ledger: LedgerReport
  /** By the channels. */
  readonly heard: HeardWrites
}

async function run(steps: Iterable<Step>): Promise<Told> {
  const load = new RecordedWrites(lanes)
  const heard = new HeardWrites()
  try {
    for (const next of steps) await take(load, next)
    load.played.mailbox.restraint.letGo()
    await load.drain(plain)
  } finally {
    heard.leave()
  }
  const none = { count: 0, totalMs: 0, p50Ms: 0, p90Ms: 0, p99Ms: 0, maxMs: 0 }
  const ledger = load.played.ledger.report({ planOf: () => undefined, eventLoop: none })
  return { load, ledger, heard }
}

function assertAgree({ load, ledger, heard }: Told): void {
  const seen = load.seen()
  expect(heard.unstarted).toBe(0)
  expect(ledger.writes.map(({ label, lane: of }) => `${label}/${of}`).sort()).toEqual([...seen.keys()].sort())
  for (const row of ledger.writes) {
    const { waitedMs, lockedOutMs, heldMs, totalMs, ...counts } =
      seen.get(`${row.label}/${row.lane}`) ?? load.of('none', 'user')
    const dropped = Object.values(row.dropped).reduce((sum, count) => sum + count, 0)
    const { admitted, rejected, committed, failed, retried, rows, bytes } = row
    expect({ admitted, rejected, dropped, committed, failed, retried, rows, bytes }).toEqual(counts)
    expect(row.queueWait.totalMs + row.beginWait.totalMs).toBeCloseTo(waitedMs, 4)
    expect(row.beginWait.totalMs).toBeCloseTo(lockedOutMs, 4)
    expect(row.hold.totalMs).toBeCloseTo(heldMs, 4)
    expect(row.total.totalMs).toBeCloseTo(totalMs, 4)
    assertHeard(row, heard.of(row.label, row.lane))
  }
}

/** A tracer that takes the messages for itself comes to the same. */
function assertHeard(row: WriteLabelReport, heard: Heard): void {
  const { committed, rows, retried: retries } = row
  expect(heard).toMatchObject({ committed, rows, retries })
  expect(heard.queueWaitMs).toBeCloseTo(row.queueWait.totalMs, 4)
  expect(heard.beginWaitMs).toBeCloseTo(row.beginWait.totalMs, 4)
  expect(heard.holdMs).toBeCloseTo(row.hold.totalMs, 4)
}

function assertAddsUp({ writes, blocked }: LedgerReport): void {
  const sums = new Map<string, number>()
  for (const { label, queueWait, beginWait } of writes)
    sums.set(label, (sums.get(label) ?? 0) + queueWait.totalMs + beginWait.totalMs)
  for (const [label, waitedMs] of sums) {
    const row = blocked.filter(({ waiter }) => waiter === label)
    const charged = row.reduce((sum, entry) => sum + entry.waitedMs, 0)
    expect(charged).toBeCloseTo(waitedMs, 4)
  }
  expect(blocked.filter((entry) => !(entry.waitedMs > 0))).toEqual([])
}

it('every wait is charged, in full and once, whatever happens in whatever order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const told = await run(steps)
      assertAddsUp(told.ledger)
      assertAgree(told)
    }),
    seeded('who blocked whom', 400),
  )
})

it('agrees with an account of every write over a random hour of load', async () => {
  const { seed } = seeded('an hour of load', 1)
  let steps = 0
  const hourMs = 3_600_000
  const hour = function* (): Generator<Step> {
    // As many as an hour takes.
    for (const next of fc.sample(step, { seed, numRuns: 64_000 })) {
      steps++
      yield next
    }
  }
  const outcome = await run(hour())
  expect(outcome.ledger.ageMs).toBeGreaterThan(hourMs)
  expect(steps).toBe(64_000)
  assertAgree(outcome)
  assertAddsUp(outcome.ledger)
  const holders = new Set(outcome.ledger.blocked.map(({ holder }) => holder))
  expect([...holders].sort()).toEqual(
    [
      '(another process)',
      '(app)',
      '(checkpoint)',
      '(log)',
      '(writer)',
      'blobs',
      'connect',
      'index',
      'seen',
    ].sort(),
  )
  console.info(`The ledger of ${outcome.ledger.writes.length} rows takes ${outcome.ledger.bytes} bytes`)
})
