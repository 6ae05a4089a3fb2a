// Design, “Order holds within a lane”: writes of one lane commit in the order of their admission, whatever batches, slices,
// failures and deaths of the thread come between them.
import { seeded, temporaryFolder } from '@lockkeeper/testkit'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { openNotes } from '../../fixtures/open-notes.ts'
import { laneDefaults } from '../limits.ts'
import { type LaneName, laneNames } from '../mailbox/lane-name.ts'

const kind = fc.oneof(
  { weight: 12, arbitrary: fc.constant('good' as const) },
  { weight: 2, arbitrary: fc.constant('bad' as const) },
  { weight: 1, arbitrary: fc.constant('costly' as const) },
  { weight: 1, arbitrary: fc.constant('unlinked' as const) },
)
const step = fc.record({ lane: fc.constantFrom(...laneNames), kind, pause: fc.boolean() })

const sqlOf = {
  good: 'insert into log (lane, number) values (?, ?)',
  bad: 'insert into log (lane, number) values (?, ?), (null, null)',
  costly: 'insert or rollback into log (lane, number) values (?, ?), (null, null)',
  unlinked: 'insert into links (note) select 404 where ? is not ?',
}

it('writes of one lane are stored in the order of their admission', async () => {
  await using folder = await temporaryFolder()
  const hasty = (lane: LaneName) => ({ ...laneDefaults[lane], sliceMs: 0, waitMsMax: 1 })
  await using db = await openNotes(folder.file('a.db'), {
    lanes: { user: hasty('user'), sync: hasty('sync'), background: hasty('background') },
  })
  await db.write(
    'create table log (place integer primary key autoincrement, lane text not null, number integer not null)',
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 120 }), async (steps) => {
      await db.write('delete from log')
      const tickets = []
      for (const [number, { lane, kind, pause }] of steps.entries()) {
        const ticket = db.write(sqlOf[kind], [lane, number], { lane })
        tickets.push({ ticket, kind, ended: ticket.outcome() })
        if (pause) await new Promise(setImmediate)
      }
      const outcomes = await Promise.all(tickets.map(({ ended }) => ended))
      expect(outcomes.map(({ outcome }) => outcome === 'committed')).toEqual(
        tickets.map(({ kind }) => kind === 'good'),
      )
      const seqs = tickets.map(({ ticket }) => ticket.seq as number)
      expect(seqs).toEqual(seqs.toSorted((a, b) => a - b))
      for (const lane of laneNames) {
        const admitted = steps.flatMap((step, n) => (step.lane === lane && step.kind === 'good' ? [n] : []))
        const stored = await db.readColumn('select number from log where lane = ? order by place', [lane])
        expect(stored).toEqual(admitted)
      }
    }),
    seeded('order within a lane', 20),
  )
})

it('a death of the thread in between changes nothing of that order', async () => {
  await using folder = await temporaryFolder()
  await using db = await openNotes(folder.file('a.db'))
  await db.write('create table log (place integer primary key autoincrement, number integer)')
  const flag = new SharedArrayBuffer(4)
  const tickets: PromiseLike<unknown>[] = []
  for (let number = 0; number < 50; number++) {
    if (number === 20) tickets.push(db.call.notes.dieOnce({ id: 1, body: 'a', flag }))
    if (number === 30) await new Promise(setImmediate)
    tickets.push(db.write('insert into log (number) values (?)', [number]))
  }
  await Promise.all(tickets)
  expect(db.report().restarts.writer).toBe(1)
  expect(await db.readColumn('select number from log order by place')).toEqual([...Array(50).keys()])
})
