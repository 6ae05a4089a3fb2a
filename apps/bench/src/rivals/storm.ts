import { storm } from '../limits-peer-store.ts'
import { measureStorm, settingKey } from '../measure/measure-storm.ts'
import { assertStored } from '../subjects/schema.ts'
import { type Connect, Crowd } from '../subjects/storm-peers.ts'
import type { Trial } from '../trials/trial.ts'
import { makeTables, reopenRaw } from './raw-connection.ts'
import { SharedPool } from './shared-pool.ts'
import { SplitPool } from './split-pool.ts'
import type { Store } from './store.ts'
import { countPeers, insertSetting, readAddresses, readSetting, type StormRow, work } from './storm-work.ts'

const module = new URL('./storm-work.ts', import.meta.url)

const rowOf = ({ id, text }: Connect): StormRow => ({ id, addresses: text, seenAt: Date.now() })

/** A storm of connects on a store of pooled connections. */
function storming(open: (folder: string) => Promise<Store<StormRow, never>>): Trial {
  return async ({ folder, pace }) => {
    await fill(folder)
    const crowd = new Crowd()
    const store = await open(folder)
    await Promise.all(crowd.everybody().map((peer) => store.writePeer(rowOf(peer))))
    const host = {
      connect: (connect: Connect) => store.writePeer(rowOf(connect)),
      readSetting: (key: string) => store.read(readSetting, [key]),
      readAddresses: async (id: string) => {
        const [row] = (await store.read(readAddresses, [id])) as { addresses: string }[]
        return JSON.parse(row?.addresses ?? '[]') as string[]
      },
      rowsWritten: (answered: number) => answered,
    }
    const measured = await measureStorm(host, crowd, pace)
    await store.abandon()
    const database = reopenRaw(folder, 'process')
    assertStored(database.prepare(countPeers).pluck().get(), storm.peers)
    database.close()
    return measured
  }
}

export const shared: Trial = storming((folder) => SharedPool.open(folder, module))
export const split: Trial = storming((folder) => SplitPool.open(folder, module))

/** The same in the app's thread: each connect waits for its own transaction, and so does everybody else. */
export const raw: Trial = async ({ folder, pace }) => {
  await fill(folder)
  const crowd = new Crowd()
  const database = reopenRaw(folder, 'process')
  const { peer: write } = work.prepare(database)
  const setting = database.prepare<[string]>(readSetting).pluck()
  const addresses = database.prepare<[string]>(readAddresses).pluck()
  for (const peer of crowd.everybody()) write(rowOf(peer))
  let written = 0
  const measured = await measureStorm(
    {
      connect: (connect) => {
        write(rowOf(connect))
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
  assertStored(database.prepare(countPeers).pluck().get(), storm.peers)
  database.close()
  return measured
}

async function fill(folder: string): Promise<void> {
  await makeTables(folder, module)
  const database = reopenRaw(folder, 'process')
  const insert = database.prepare<[string, string]>(insertSetting)
  database.transaction(() => {
    for (let index = 0; index < storm.settings; index++) insert.run(settingKey(index), `value ${index}`)
  })()
  database.close()
}
