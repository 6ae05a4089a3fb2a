// Issue 8: of each read how long it waited and ran, under its label and class. The readers' threads are played.
import { beforeEach, expect, it } from 'vitest'
import type { PlayedReader } from '../../fixtures/played-reader.ts'
import { PlayedReaders } from '../../fixtures/played-readers.ts'
import type { ReadLabelReport } from './ledger-report.ts'

let played: PlayedReaders

beforeEach(() => {
  played = new PlayedReaders({ readers: { interactive: 1, background: 1 } })
})

const thread = (n: number) => played.threads[n] as PlayedReader
const row = (label: string): ReadLabelReport | undefined =>
  played.ledger.reads.report().find((other) => other.label === label)

/** The next read of a thread's message, or of its tenant, takes so long. */
function run(of: PlayedReader, ms: number): void {
  of.begin()
  played.clock.advance(ms)
}

it('tells the wait for a reader from the run on it', async () => {
  played.submit('first')
  await played.turn()
  played.clock.advance(1)
  played.submit('second')
  run(thread(0), 150)
  thread(0).answer()
  await played.turn()
  run(thread(0), 20)
  thread(0).answer()
  expect(row('first')).toMatchObject({
    class: 'interactive',
    answered: 1,
    wait: { maxMs: 0 },
    run: { maxMs: 150 },
  })
  expect(row('second')).toMatchObject({ answered: 1, failed: 0, wait: { maxMs: 150 }, run: { maxMs: 20 } })
  expect(played.ledger.slow.report(() => undefined)).toMatchObject([
    { kind: 'read', label: 'first', sql: 'first', class: 'interactive', waitMs: 0, runMs: 150 },
  ])
})

it('those that share a message have each a run of their own', async () => {
  for (const label of ['a', 'b']) played.submit(label, {}, 'background')
  await played.turn()
  // Shorter than what makes others take over what stands behind it.
  run(thread(1), 0.5)
  run(thread(1), 1)
  thread(1).answer()
  expect([row('a')?.run.totalMs, row('b')?.run.totalMs]).toEqual([0.5, 1])
})

it('one that was given up in the queue has waited to its end; one that ran, ran on', async () => {
  played.submit('runs', { deadlineMs: 10 })
  await played.turn()
  played.submit('waits', { deadlineMs: 30 })
  thread(0).begin()
  played.clock.advance(40)
  expect(row('waits')).toMatchObject({ failed: 1, wait: { totalMs: 30 }, run: { count: 0 } })
  expect(row('runs')).toMatchObject({ failed: 1, wait: { totalMs: 0 }, run: { count: 0 } })
  thread(0).answer()
  expect(row('runs')).toMatchObject({ failed: 1, answered: 0, run: { count: 1, totalMs: 40 } })
})

it('a snapshot is a read that runs for as long as it has its reader; its reads are counted besides', async () => {
  played.clock.advance(5)
  const lease = played.snapshot()
  await played.turn()
  thread(0).reply()
  await lease.begun
  lease.submit(played.read('snapshot/a'))
  run(thread(0), 3)
  thread(0).answer()
  played.clock.advance(10)
  lease.end()
  thread(0).reply()
  lease.submit(played.read('snapshot/late'))
  expect(row('snapshot')).toMatchObject({ answered: 1, wait: { totalMs: 0 }, run: { count: 1, totalMs: 13 } })
  expect(row('snapshot/a')).toMatchObject({ class: 'interactive', answered: 1, run: { totalMs: 3 } })
  expect(row('snapshot/late')).toMatchObject({ failed: 1, run: { count: 0 } })
})
