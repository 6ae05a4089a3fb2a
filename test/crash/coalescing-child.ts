// One run of an app that reports sightings. It tells which ones were acknowledged, and dies where CRASH_POINT says.
import { coalescer, openDatabase, type ProcedureReference, procedures } from '@lockkeeper/core'
import { tell } from '@lockkeeper/testkit/child'
import type { Sighting } from './coalescing-procedures.ts'

const [file = '', peers = '0'] = process.argv.slice(2)
const crashPoint = process.env.CRASH_POINT ?? ''

const db = await openDatabase({
  file,
  migrations: [
    {
      set: 'test',
      id: 1,
      name: 'sightings',
      sql: 'create table sightings (peer text primary key, at integer not null) strict',
    },
  ],
  procedures: {
    peers: procedures<typeof import('./coalescing-procedures.ts')>(
      new URL('./coalescing-procedures.ts', import.meta.url),
    ),
  },
})
/** The flush, and at one point the end: the transaction is committed, and nobody has been told. */
const flush: ProcedureReference<Sighting[], number> = {
  name: db.procedure.peers.upsertMany.name,
  call: (sightings, options) => {
    const ticket = db.procedure.peers.upsertMany.call(sightings, options)
    if (crashPoint === 'committed and unanswered' && sightings.some(({ at }) => at > 1)) {
      void ticket.outcome().then(() => process.kill(process.pid, 'SIGKILL'))
      return { ...ticket, outcome: () => new Promise(() => {}) } as typeof ticket
    }
    return ticket
  },
}
const seen = coalescer<Sighting>(db, { name: 'seen', key: ({ peer }) => peer, flush, ageMsMax: 60_000 })

/** Reports a sighting of every peer and tells of those that were acknowledged. */
async function round(at: number): Promise<void> {
  const all = Array.from({ length: Number(peers) }, (_, n) => seen.put({ peer: `p${n}`, at }))
  if (crashPoint === 'gathered' && at > 1) process.kill(process.pid, 'SIGKILL')
  void seen.flush()
  const outcomes = await Promise.all(all.map((put) => put.outcome()))
  await tell({ at, acknowledged: outcomes.filter(({ outcome }) => outcome === 'committed').length })
}

await round(1)
await round(2)
// One that nobody can store, and offers that find no room: counted, and told so.
const small = coalescer<Sighting>(db, {
  name: 'small',
  label: 'sightings.small',
  key: ({ peer }) => peer,
  flush,
  itemsHeldMax: 2,
})
for (let n = 0; n < 5; n++) small.offer({ peer: `small${n}`, at: 1 })
await small.flush()
await tell({ drops: db.report().drops, stored: small.counts.flushed })
await db.close()
process.disconnect?.()
