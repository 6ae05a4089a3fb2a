import { measureStorm } from '../measure/measure-storm.ts'
import { Crowd } from '../subjects/storm-peers.ts'
import type { Trial } from '../trials/trial.ts'
import { reopenRaw } from './raw-connection.ts'
import { SharedPool } from './shared-pool.ts'
import { SplitPool } from './split-pool.ts'
import type { Store } from './store.ts'
import { assertPeers, fillStorm, openStormPool, stormRow } from './storm-pool.ts'
import { readAddresses, readSetting, type StormRow, work } from './storm-work.ts'

const module = new URL('./storm-work.ts', import.meta.url)

/** A storm of connects on a store of pooled connections. */
function storming(open: (folder: string) => Promise<Store<StormRow, never>>): Trial {
  return async ({ folder, pace }) => {
    const { store, host, crowd } = await openStormPool(folder, open)
    const measured = await measureStorm(host, crowd, pace)
    await store.abandon()
    assertPeers(folder)
    return measured
  }
}

export const shared: Trial = storming((folder) => SharedPool.open(folder, module))
export const split: Trial = storming((folder) => SplitPool.open(folder, module))

/** The same in the app's thread: each connect waits for its own transaction, and so does everybody else. */
export const raw: Trial = async ({ folder, pace }) => {
  fillStorm(folder)
  const crowd = new Crowd()
  const database = reopenRaw(folder, 'process')
  const { peer: write } = work.prepare(database)
  const setting = database.prepare<[string]>(readSetting).pluck()
  const addresses = database.prepare<[string]>(readAddresses).pluck()
  for (const peer of crowd.everybody()) write(stormRow(peer))
  let written = 0
  const measured = await measureStorm(
    {
      connect: (connect) => {
        write(stormRow(connect))
        written++
        return undefined
      },
      readSetting: async (key) => setting.get(key),
      readAddresses: async (id) => JSON.parse(addresses.get(id) as string) as string[],
      rowsWritten: () => {
        const rows = written
        written = 0
        return rows
      },
    },
    crowd,
    pace,
  )
  database.close()
  assertPeers(folder)
  return measured
}
