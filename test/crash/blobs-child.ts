// One run of a peer store that dies where CRASH_POINT says. It tells each name once the store has acknowledged it.
import { type OpenOptions, openDatabase } from '@lockkeeper/core'
import {
  blobRow,
  migrations,
  modules,
  openPeerStore,
  spawnIndexActor,
  type VerifiedBlob,
} from '@lockkeeper/peer-store'
import { point, tell } from '@lockkeeper/testkit/child'
import Database from 'better-sqlite3'
import { blobsOfRun } from './blobs.ts'

const [file = '', run = '0'] = process.argv.slice(2)
const crashPoint = process.env.CRASH_POINT
const blobs = blobsOfRun(Number(run))

function die(): void {
  process.kill(process.pid, 'SIGKILL')
}

/** Blobs go to the writer without the actor that would index them. */
async function storeOnly(isAnswered: boolean): Promise<void> {
  const db = await openDatabase({ file, migrations, procedures: modules })
  const stored = db.call.blobs.store(await Promise.all(blobs.map(blobRow)))
  if (isAnswered) {
    await stored
    await tell(blobs.map(({ cid }) => cid))
    die()
  }
  void stored.outcome()
  await new Promise((resolve) => setImmediate(resolve)) // it is on its way to the thread
  // The answer can't come in while this thread looks; others see what is committed.
  const onlooker = new Database(file, { readonly: true })
  const before = onlooker.prepare('select count(*) from blobs').pluck().get()
  while (onlooker.prepare('select count(*) from blobs').pluck().get() === before);
  die()
}

/** At the moment when the blobs' actor holds some and has sent none. */
const dieGathered: OpenOptions['inspect'] = (event) => {
  if (event.type !== '@xstate.snapshot' || !('value' in event.snapshot)) return
  const isWriter = 'id' in event.actorRef && event.actorRef.id === 'blob-writer'
  if (isWriter && event.snapshot.value === 'gathering') die()
}

async function putMany(parts: readonly (readonly VerifiedBlob[])[]): Promise<void> {
  const store = await openPeerStore({ file, inspect: crashPoint === 'gathered' ? dieGathered : undefined })
  let answered = 0
  const puts = parts.map(async (part) => {
    await store.putBlobs(part)
    await tell(part.map(({ cid }) => cid))
    answered += 1
    if (crashPoint === 'in-flight' && answered === 3) die()
  })
  await Promise.all(puts)
}

async function reindex(): Promise<void> {
  const db = await openDatabase({ file, migrations, procedures: modules })
  const index = spawnIndexActor(db)
  await index.put(blobs, { until: 'indexed' })
  await tell(blobs.map(({ cid }) => cid))
  index.reindex('the-reindex').on('progress', die)
  await point('never passed')
}

if (crashPoint === 'between blob and index rows') await storeOnly(true)
else if (crashPoint === 'committed and unanswered') await storeOnly(false)
else if (crashPoint === 'in mid-reindex') await reindex()
else await putMany(Array.from({ length: 10 }, (_, part) => blobs.slice(part * 30, (part + 1) * 30)))
