// Promises 3 and 6 for peers: whatever order reports come in, whatever the memory lets go of, whatever flushes are refused or end
// without an answer, the file ends with the newest status and the newest list.
import { type Database, LockkeeperError, openDatabase, type ProcedureReference } from '@lockkeeper/core'
import { seeded, type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { peerIdOf } from '../../fixtures/peers.ts'
import { peerLimits } from '../limits.ts'
import { migrations } from '../schema/migrations.ts'
import { modules, type StoreModules } from '../store/modules.ts'
import type { PeerNote } from './peer-note.ts'
import { PeerWriter } from './peer-writer.ts'

type Flush = ProcedureReference<PeerNote[], number>
type Fault = 'refused' | 'unanswered'

let folder: TemporaryFolder
let db: Database<StoreModules>

beforeAll(async () => {
  folder = await temporaryFolder()
  db = await openDatabase({ file: folder.file('a.db'), migrations, procedures: modules })
})

afterAll(async () => {
  await db.close()
  await folder[Symbol.asyncDispose]()
})

/** The store's own flush, of which some are refused before they ran, and some committed with nobody told. */
function faulty({ name, call }: Flush, faults: Fault[]): Flush {
  const failed = (fault: Fault) => {
    const outcome = fault === 'refused' ? 'not-stored' : 'unknown'
    const code = fault === 'refused' ? 'sqlite-busy' : 'sqlite-ioerr-fsync'
    const error = new LockkeeperError(fault, {
      code,
      stage: 'commit',
      outcome,
      retryable: fault === 'refused',
    })
    return { outcome, error } as const
  }
  return {
    name,
    call: (notes, options) => {
      const fault = faults.shift()
      if (fault === undefined) return call(notes, options)
      const ran = fault === 'refused' ? Promise.resolve() : call(notes, options).outcome()
      return { outcome: async () => ran.then(() => failed(fault)) } as unknown as ReturnType<Flush['call']>
    },
  }
}

/** Times within a few seconds and over minutes, so that some are within the resolution and some are not. */
const time = fc.oneof(fc.nat(3_000), fc.nat(120_000))
const report = fc.record({
  seenAt: time,
  status: fc.constantFrom('connected', 'disconnected', 'failed'),
  port: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
})
const step = fc.oneof(
  { weight: 4, arbitrary: report },
  { weight: 1, arbitrary: fc.constant('flush' as const) },
)

test('the file ends with what the newest reports said', async () => {
  let runs = 0
  const faults = fc.array(fc.constantFrom<Fault>('refused', 'unanswered'), { maxLength: 2 })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30 }), faults, async (steps, failing) => {
      const id = peerIdOf(++runs)
      const flush = faulty(db.procedure.peers.upsertMany, [...failing])
      const writer = new PeerWriter({ host: db, flush, systemId: `peers-${runs}`, now: () => 1_000_000 })
      let latest = { seenAt: -1, status: 'disconnected' as string }
      let list = { seenAt: -1, addresses: [] as readonly string[] }
      for (const one of steps) {
        if (one === 'flush') {
          await writer.flush()
          continue
        }
        const { seenAt, status, port } = one
        const addresses = port === undefined ? [] : [`/ip4/8.8.8.8/tcp/${port}`]
        writer.sawPeer({ id, seenAt, status, addresses })
        if (seenAt >= latest.seenAt) latest = { seenAt, status }
        if (port !== undefined && seenAt >= list.seenAt) list = { seenAt, addresses }
      }
      await writer.flush()
      await writer.close()
      const row = await db.call.peers.byId(id)
      if (latest.seenAt < 0) {
        expect(row).toBe(undefined)
        return
      }
      expect(row).toMatchObject({ status: latest.status, addresses: list.addresses })
      expect(row?.seenAt).toBeLessThanOrEqual(latest.seenAt)
      expect(row?.seenAt).toBeGreaterThan(latest.seenAt - peerLimits.seenResolutionMs)
    }),
    seeded('peer reports', 120),
  )
}, 120_000)
