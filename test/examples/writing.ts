import { coalescer, isLockkeeperError, openDatabase, procedures } from '@lockkeeper/core'
import type { Peer } from './peer-procedures.ts'

const db = await openDatabase({
  file: 'peers.db',
  migrations: [
    {
      set: 'app',
      id: 1,
      name: 'peers',
      sql: `create table peers (id text primary key, address text not null) strict;
            create table peer_index (id text primary key references peers (id)) strict;`,
    },
  ],
  procedures: {
    peers: procedures<typeof import('./peer-procedures.ts')>(
      new URL('./peer-procedures.ts', import.meta.url),
    ),
  },
  durability: 'process', // what an acknowledgement survives, unless a write says otherwise
  lanes: { background: { capacity: 10_000, overflow: 'drop', sliceMs: 5, waitMsMax: 500 } },
})
db.on('write-failed', (error) => console.error(error.message)) // a failed ticket that nobody awaited

const insert = 'insert into peers values (?, ?)'

// One statement. The ticket comes at once, the result after COMMIT.
const ticket = db.write(`${insert} returning id`, ['p1', '/ip4/10.0.0.1'], {
  durability: 'power',
  deadlineMs: 2_000,
})
const { changes, rows } = await ticket
console.log(changes, rows) // 1 [ { id: 'p1' } ]

// Several, all or none; many rows, all or none.
await db.writeAtomic(
  [
    [insert, ['p2', '']],
    ['delete from peers where id = ?', ['p1']],
  ],
  { label: 'peers.swap' },
)
const many = Array.from({ length: 5_000 }, (_, n) => [`bulk-${n}`, '/ip4/10.0.0.2'])
await db.writeMany(insert, many, { lane: 'sync' })

// Best effort: no ticket, no error, no wait. What came to nothing is counted by label and cause in db.report().
const taken: boolean = db.offer('update peers set address = ? where id = ?', ['/ip4/10.0.0.3', 'p2'], {
  label: 'peers.touch',
})

// A procedure, a write in another's wake, and one that is safe to repeat.
const seen = db.call.peers.upsert({ id: 'p3', address: '' }, { signal: AbortSignal.timeout(500) })
await db.write('insert into peer_index values (?)', ['p3'], { after: seen, lane: 'background' })
await db.write(insert, ['p4', ''], { idempotencyKey: 'create-p4' })
await db.write(insert, ['p4', ''], { idempotencyKey: 'create-p4' }) // not run again: answered with the stored result

// Anything with { sql, parameters }: a query builder's output.
await db.write({ sql: insert, parameters: ['p5', ''] })

// Every write has one honest outcome.
try {
  await db.write(insert, ['p5', ''])
} catch (error) {
  if (isLockkeeperError(error, 'sqlite-constraint-primarykey')) console.log(error.outcome) // not-stored
}

// A resumable job: each step exactly once, across crashes and restarts.
const reindexing = db.jobs.start.peers.reindex({ from: '' }, { id: 'reindex-7' })
reindexing.on('progress', ({ steps }) => steps % 10 === 0 && console.error(`${steps} steps`))
console.log(await reindexing) // p5
for (const job of db.jobs.list()) await job.pause() // resume(), cancel()

// Newest value per key, written in batches.
const lastSeen = coalescer(db, {
  name: 'peer-writer',
  key: (peer: Peer) => peer.id,
  flush: db.procedure.peers.upsertMany,
  itemsMax: 500,
  ageMsMax: 100,
})
for (let n = 0; n < 1_000; n++) lastSeen.offer({ id: 'p6', address: `/ip4/10.0.0.${n % 256}` })

const { notWritten } = await db.close({ deadlineMs: 5_000 }) // drains the coalescer and the lanes
console.log(taken, notWritten) // true { user: 0, sync: 0, background: 0 }
