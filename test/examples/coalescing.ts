import { coalescer, isLockkeeperError, openDatabase, procedures } from '@lockkeeper/core'
import type { Seen } from './seen-procedures.ts'

const db = await openDatabase({
  file: 'seen.db',
  migrations: [
    {
      set: 'app',
      id: 1,
      name: 'peers',
      sql: `create table peers (id text primary key, address text not null check (address <> ''), at integer not null) strict`,
    },
  ],
  procedures: {
    peers: procedures<typeof import('./seen-procedures.ts')>(
      new URL('./seen-procedures.ts', import.meta.url),
    ),
  },
})

const seen = coalescer<Seen>(db, {
  name: 'peer-writer',
  key: ({ id }) => id,
  flush: db.procedure.peers.upsertMany,
  // A new address at once, a time only every 15 s.
  changes: (next, last) => next.address !== last.address || next.at - last.at >= 15,
  overflow: 'drop',
  itemsMax: 500,
  ageMsMax: 100,
})

// Best effort: a thousand sightings of ten peers cost ten rows, and nobody waits for them.
for (let n = 0; n < 1_000; n++) seen.offer({ id: `p${n % 10}`, address: '/ip4/10.0.0.1', at: 100 })
await seen.flush()
console.log(seen.counts.filtered, seen.counts.flushed) // 990 10

// What was written lately is filtered without a look into the database, until it would change something.
seen.offer({ id: 'p1', address: '/ip4/10.0.0.1', at: 110 })
console.log(seen.counts.held) // 0
seen.offer({ id: 'p1', address: '/ip4/10.0.0.2', at: 111 })
console.log(seen.counts.held) // 1

// A read that wants to see it has it flushed now.
const address = 'select address from peers where id = ?'
console.log(await db.readValue(address, ['p1'], { after: seen.pending('p1') })) // /ip4/10.0.0.2

// Who wants to know puts. One bad value fails alone: its neighbours in the batch are stored.
const puts = ['', '/ip4/10.0.0.3', '/ip4/10.0.0.4'].map((address, n) =>
  seen.put({ id: `q${n}`, address, at: 1 }),
)
const outcomes = await Promise.all(puts.map((put) => put.outcome()))
console.log(outcomes.map(({ outcome }) => outcome)) // [ 'not-stored', 'committed', 'committed' ]
try {
  await puts[0]
} catch (error) {
  if (isLockkeeperError(error)) console.log(error.code) // sqlite-constraint-check
}
console.log(db.report().drops) // { 'peers.upsertMany': { 'sqlite-constraint-check': 1 } }

// Closing drains it, and says what it could not write, by label.
for (let n = 0; n < 100; n++) seen.offer({ id: `r${n}`, address: '/ip4/10.0.0.5', at: 1 })
const { valuesNotWritten } = await db.close({ deadlineMs: 5_000 })
console.log(seen.counts.flushed, valuesNotWritten) // 113 undefined
