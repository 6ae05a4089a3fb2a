// An idempotency key that is stored belongs to a write that is committed (promise 3), whatever the write did.
import { temporaryFolder } from '@lockkeeper/testkit'
import { expect, it } from 'vitest'
import { engineRoom } from '../../fixtures/batch-runner.ts'
import type { WriteWork } from './batch.ts'

const note = { id: 50, body: 'mine' }
const swallowing: WriteWork = { kind: 'procedure', name: 'notes.swallowRollback', input: note }
const adding: WriteWork = { kind: 'procedure', name: 'notes.add', input: note }
const neighbour: WriteWork = {
  kind: 'statement',
  sql: 'insert into notes (id) values (?)',
  parameters: [1],
}

it.each([
  ['alone', [swallowing]],
  ['behind a neighbour', [neighbour, swallowing]],
])('is not stored for a write that swallowed the end of its transaction, %s', async (_, works) => {
  await using folder = await temporaryFolder()
  const room = await engineRoom(folder.file('a.db'))
  const { outcomes } = await room.run(works, undefined, ['key 0', 'key 1'].slice(-works.length))
  expect(outcomes.at(-1)).toMatchObject({ outcome: 'not-stored', error: { code: 'transaction-ended' } })
  const repeated = await room.run([adding], undefined, ['key 1'])
  expect(repeated.outcomes).toMatchObject([{ outcome: 'committed', result: 1 }])
  expect(room.column('select id from notes where id = 50')).toEqual([50])
  expect(room.column('select key from lockkeeper_idempotency order by key').at(-1)).toBe('key 1')
})
