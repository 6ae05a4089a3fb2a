// A generator can't go back: whenever a transaction is lost, a job goes on from its stored cursor, not from memory.
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
