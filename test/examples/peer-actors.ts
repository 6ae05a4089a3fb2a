import { openDatabase } from '@lockkeeper/core'
import { domainActor, migrations, modules, peerWriterActor } from '@lockkeeper/peer-store'
import { createActor, setup } from 'xstate'

const db = await openDatabase({ file: 'peers.db', migrations, procedures: modules })

// An app with an actor system of its own: the peer writer and the domain cache live in it, and write to the database.
const app = setup({ actors: { peers: peerWriterActor, domains: domainActor } }).createMachine({
  context: ({ spawn }) => ({
    peers: spawn('peers', { input: { db, flush: db.procedure.peers.upsertMany } }),
    domains: spawn('domains', { input: { db, flush: db.procedure.domains.upsertMany } }),
  }),
})
const actor = createActor(app).start()
const { peers, domains } = actor.getSnapshot().context

const id = 'QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N'
const seenAt = Date.now()
const addresses = ['/ip4/127.0.0.1/tcp/4001', '/dns4/example.com/tcp/4001', 'no address']
peers.send({ type: 'saw', sighting: { id, addresses, status: 'connected', seenAt } })
domains.send({ type: 'checked', check: { name: 'example.com', status: 'ok', checkedAt: seenAt } })

// Their coalescers show in the app's own system, under the ids they have everywhere.
console.log(actor.system.get('domains')?.getSnapshot().value) // gathering
console.log(actor.system.get('peer-writer')?.getSnapshot().value) // empty
// Empty yet: a report of news is checked before it is gathered, between other work of the thread.

// Where thousands of reports come in a second, report without an event: synchronous, and no promise.
const { writer } = peers.getSnapshot().context
for (let ms = 0; ms < 10_000; ms++)
  writer.sawPeer({ id, addresses, status: 'connected', seenAt: seenAt + ms })
await writer.flush()
console.log((await db.call.peers.byId(id))?.addresses[0]) // /dns4/example.com/tcp/4001
console.log(writer.counts.reported, writer.counts.rowsWritten) // 10001 2

await db.close() // drains both actors first
console.log(actor.system.get('domains')?.getSnapshot().status ?? 'gone') // gone
actor.stop()
