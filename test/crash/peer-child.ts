// One run of an app with a peer writer. It reports a generation of peers, tells when that is acknowledged, reports the next one,
// and dies where CRASH_POINT says, with that one under way.
import { openDatabase, type ProcedureReference, procedures } from '@lockkeeper/core'
import { migrations, type PeerNote, PeerWriter } from '@lockkeeper/peer-store'
import { tell } from '@lockkeeper/testkit/child'
import { addressOf, ids } from './peer-reports.ts'

const [file = '', generation = '0'] = process.argv.slice(2)
const crashPoint = process.env.CRASH_POINT
const last = Number(process.env.CRASH_AT)
const die = (): boolean => process.kill(process.pid, 'SIGKILL')

const db = await openDatabase({
  file,
  migrations,
  procedures: {
    peers: procedures<typeof import('./peer-procedures.ts')>(
      new URL('./peer-procedures.ts', import.meta.url),
    ),
  },
})

/** Dies when a batch is gathered and before it flies, or when the writer's answer is in this thread and nobody has been told. */
function mortal({
  name,
  call,
}: ProcedureReference<PeerNote[], number>): typeof db.procedure.peers.upsertMany {
  return {
    name,
    call: (notes, options) => {
      const isLast = notes.some(({ sighting }) => sighting?.at === last)
      if (isLast && crashPoint === 'gathered') die()
      const ticket = call(notes, options)
      if (isLast && crashPoint === 'committed and unanswered') void ticket.outcome().then(die)
      return ticket
    },
  }
}

const writer = new PeerWriter({ host: db, flush: mortal(db.procedure.peers.upsertMany) })

function report(at: number): void {
  for (const id of ids) writer.sawPeer({ id, addresses: [addressOf(at)], status: 'connected', seenAt: at })
}

report(Number(generation))
await writer.flush()
await tell(Number(generation))
report(last)
if (crashPoint === 'reported') die()
await writer.flush()
await tell(last)
await db.close()
process.disconnect?.()
