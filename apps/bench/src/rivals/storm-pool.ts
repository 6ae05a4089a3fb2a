import { storm } from '../limits-peer-store.ts'
import { type StormHost, settingKey } from '../measure/measure-storm.ts'
import { assertStored } from '../subjects/schema.ts'
import { type Connect, Crowd } from '../subjects/storm-peers.ts'
import { readValue, reopenRaw } from './raw-connection.ts'
import type { Store } from './store.ts'
import { countPeers, insertSetting, readAddresses, readSetting, type StormRow, work } from './storm-work.ts'

/** What is written for a connect. */
export const stormRow = ({ id, text }: Connect): StormRow => ({ id, addresses: text, seenAt: Date.now() })

/** Makes what people read in a storm, and the tables for it. */
export function fillStorm(folder: string): void {
  const database = reopenRaw(folder, 'process')
  database.exec(work.tables)
  const insert = database.prepare<[string, string]>(insertSetting)
  database.transaction(() => {
    for (let index = 0; index < storm.settings; index++) insert.run(settingKey(index), `value ${index}`)
  })()
  database.close()
}

/** A store of pooled connections that knows all peers and settings. */
export async function openStormPool<Blob>(
  folder: string,
  open: (folder: string) => Promise<Store<StormRow, Blob>>,
): Promise<{ readonly store: Store<StormRow, Blob>; readonly host: StormHost; readonly crowd: Crowd }> {
  fillStorm(folder)
  const crowd = new Crowd()
  const store = await open(folder)
  await Promise.all(crowd.everybody().map((peer) => store.writePeer(stormRow(peer))))
  const host: StormHost = {
    connect: (connect) => store.writePeer(stormRow(connect)),
    readSetting: (key) => store.read(readSetting, [key]),
    readAddresses: async (id) => {
      const [row] = (await store.read(readAddresses, [id])) as { addresses: string }[]
      return JSON.parse(row?.addresses ?? '[]') as string[]
    },
    rowsWritten: (answered) => answered,
  }
  return { store, host, crowd }
}

/** @throws Error unless the file holds every peer. */
export function assertPeers(folder: string): void {
  const database = reopenRaw(folder, 'process')
  assertStored(readValue(database, countPeers), storm.peers)
  database.close()
}
