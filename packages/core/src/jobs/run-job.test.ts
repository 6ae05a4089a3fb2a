// A generator can't go back: whenever a transaction is lost, or another process has done a step, a job goes on from its stored
// cursor, not from memory.
import { faultPolicy, sqliteFault, temporaryFolder } from '@lockkeeper/testkit'
import { expect, it } from 'vitest'
import { engineRoom } from '../../fixtures/batch-runner.ts'
import type { TransactionStep } from '../../fixtures/faulty-connection.ts'
import type { WriteWork } from '../writer/batch.ts'

const start: WriteWork = {
  kind: 'job',
  order: { order: 'start', id: 'j', procedure: 'jobs.countInMemory', input: { upto: 3 } },
}
const step: WriteWork = { kind: 'job', order: { order: 'step', id: 'j' } }
const spoiler: WriteWork = {
  kind: 'statement',
  sql: 'insert or rollback into notes (id) values (1)',
  parameters: [],
}

it('runs a step again, once, when another item of its batch cost the transaction', async () => {
  await using folder = await temporaryFolder()
  const room = await engineRoom(folder.file('a.db'))
  await room.run([start])
  await room.run([step])
  // Step 2 runs, the spoiler rolls it back with its batch, and it runs again by itself.
  const { outcomes } = await room.run([step, spoiler])
  expect(outcomes).toMatchObject([
    { outcome: 'committed', result: { steps: 2, done: 2 } },
    { outcome: 'not-stored' },
  ])
  await room.run([step])
  const { outcomes: last } = await room.run([step])
  expect(last).toMatchObject([{ outcome: 'committed', result: { status: 'done', output: 3 } }])
  expect(room.column('select body from notes order by id')).toEqual(['step 1', 'step 2', 'step 3'])
})

it('forgets what its generator remembers when COMMIT fails', async () => {
  await using folder = await temporaryFolder()
  const faults = faultPolicy<TransactionStep>()
  const room = await engineRoom(folder.file('a.db'), faults)
  await room.run([start])
  await room.run([step])
  faults.failNext('commit', 1, () => sqliteFault('SQLITE_FULL'))
  expect((await room.run([step])).outcomes).toMatchObject([{ outcome: 'not-stored' }])
  expect((await room.run([step])).outcomes).toMatchObject([{ outcome: 'committed', result: { steps: 2 } }])
  expect(room.column('select body from notes order by id')).toEqual(['step 1', 'step 2'])
})

/*
 * this process                             another process
 * ------------                             ---------------
 * step 1: inserts 1, remembers 1
 *                                          step 2: inserts 2, from the stored cursor
 * step 3: the row is ahead of its memory,
 *         so it starts from the cursor
 */
it('goes on from the file where another process has done a step in the meantime', async () => {
  await using folder = await temporaryFolder()
  const [ours, theirs] = [await engineRoom(folder.file('a.db')), await engineRoom(folder.file('a.db'))]
  await ours.run([start])
  for (const room of [ours, theirs, ours]) await room.run([step])
  for (const room of [theirs, ours]) {
    const { outcomes } = await room.run([step])
    expect(outcomes).toMatchObject([
      { outcome: 'committed', result: { status: 'done', steps: 4, output: 3 } },
    ])
  }
  expect(ours.column('select body from notes order by id')).toEqual(['step 1', 'step 2', 'step 3'])
})

it.each(['yield', 'return'] as const)(
  'stores no step of a body that swallows the end of its transaction and goes on to %s',
  async (at) => {
    await using folder = await temporaryFolder()
    const room = await engineRoom(folder.file('a.db'))
    const before = at === 'yield' ? 0 : 1
    await room.run([
      {
        kind: 'job',
        order: { order: 'start', id: 'j', procedure: 'jobs.swallowRollback', input: { at } },
      },
    ])
    for (let done = 0; done < before; done++) await room.run([step])
    expect((await room.run([step])).outcomes).toMatchObject([
      { outcome: 'not-stored', error: { code: 'transaction-ended' } },
    ])
    expect(room.column('select status from lockkeeper_jobs')).toEqual(['running'])
    expect(room.column('select steps from lockkeeper_jobs')).toEqual([before])
    expect(room.column('select id from notes')).toEqual([])
  },
)
