import { join } from 'node:path'
import { openPeerStore, type PeerStore } from '@lockkeeper/peer-store'
import { storm } from '../../limits-peer-store.ts'
import { type StormHost, settingKey } from '../../measure/measure-storm.ts'
import { assertStored } from '../../subjects/schema.ts'
import { type Connect, Crowd, versionOf } from '../../subjects/storm-peers.ts'
import type { Measurements } from '../../trials/trial.ts'

/** How a storm is measured on a store that knows all peers and settings. */
export type MeasureStore = (store: PeerStore, host: StormHost, crowd: Crowd) => Promise<Measurements>

/** A storm of connects on a peer node's store, at default settings. In the end the file is looked into. */
export async function stormOnStore(folder: string, measure: MeasureStore): Promise<Measurements> {
  const file = join(folder, 'bench.db')
  const crowd = new Crowd()
  const store = await openPeerStore({ file })
  await fill(store, crowd)
  const measured = await measure(store, hostOf(store, crowd), crowd)
  const { dropped } = store.peers.counts
  await store.close()
  await assertNewest(file, crowd)
  return { ...measured, connects_dropped: { value: dropped.full + dropped.failed, unit: 'count' } }
}

function hostOf(store: PeerStore, crowd: Crowd): StormHost {
  const before = idsBefore(crowd)
  let counted = 0
  return {
    connect: ({ id, addresses }: Connect): undefined =>
      void store.peers.saw({ id, addresses, status: 'connected', seenAt: Date.now() }),
    readSetting: (key) => store.getValue(key),
    // As it lies in the file: asking for a peer by its id would have it written.
    readAddresses: async (id) => {
      const [peer] = await store.peers.list({ after: before.get(id), limit: 1 })
      return peer?.id === id ? peer.addresses : []
    },
    rowsWritten: () => {
      const rows = store.peers.counts.rowsWritten - counted
      counted += rows
      return rows
    },
  }
}

/** All peers and settings are there before anything is measured. */
async function fill(store: PeerStore, crowd: Crowd): Promise<void> {
  for (const { id, addresses } of crowd.everybody()) {
    store.peers.saw({ id, addresses, status: 'connected', seenAt: Date.now() })
  }
  await store.peers.flush()
  await Promise.all(
    Array.from({ length: storm.settings }, (_, index) => store.setValue(settingKey(index), `value ${index}`)),
  )
}

/** After which id a page begins whose first peer is the one asked for. */
function idsBefore(crowd: Crowd): ReadonlyMap<string, string | undefined> {
  const ids = crowd.ids.toSorted()
  return new Map(ids.map((id, index) => [id, ids[index - 1]]))
}

/** @throws Error unless the file holds the addresses that each peer told last. */
async function assertNewest(file: string, crowd: Crowd): Promise<void> {
  const versions = new Map(crowd.everybody().map(({ id, version }) => [id, version]))
  await using store = await openPeerStore({ file })
  let after: string | undefined
  let newest = 0
  for (;;) {
    const page = await store.peers.list({ limit: 100, after })
    if (page.length === 0) break
    newest += page.filter(({ id, addresses }) => versionOf(addresses) === versions.get(id)).length
    after = page.at(-1)?.id
  }
  assertStored(newest, crowd.ids.length)
}
