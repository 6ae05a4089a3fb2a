import {
  type Coalescer,
  type CoalescerHost,
  coalescer,
  type Database,
  type Job,
  LockkeeperError,
  type ProcedureReference,
} from '@lockkeeper/core'
import { type BlobRow, blobRow } from '../blobs/blob-row.ts'
import { KnownBlobs } from '../blobs/known-blobs.ts'
import { indexLimits } from '../limits.ts'
import { nameOf } from '../records/multihash.ts'
import { FlushWatch } from '../store/flush-watch.ts'
import { before } from '../store/hosted-by.ts'
import type { StoreModules } from '../store/modules.ts'
import { onEnded } from '../store/watched-flush.ts'
import type { VerifiedBlob } from '../types.ts'
import { indexMachine } from './index-machine.ts'
import { DatabaseIndexWork } from './index-work.ts'
import { OpenCalls } from './open-calls.ts'
import { putInParts } from './put-in-parts.ts'

export interface PutOptions {
  /** Ends the wait; what was taken in before may still be stored. */
  readonly signal?: AbortSignal | undefined
  /** When it answers: once all are `stored` (the default), or once all are `indexed` too and can be found. */
  readonly until?: 'stored' | 'indexed' | undefined
}

export interface IndexCounts {
  /** Blobs that were known, and went no further than this thread. */
  readonly known: number
  /** Records indexed; those that came to wait for another blob, or could not be indexed. */
  readonly indexed: number
  readonly waiting: number
  readonly refused: number
  /** Records whose indexing failed again and again: stored, and set aside. */
  readonly setAside: number
  readonly steps: number
  /** Blobs stored now, as the actor knows them, and whether it knows all. */
  readonly stored: number
  readonly knowsAll: boolean
  /** Blobs that were not written when it closed. */
  readonly notWritten: number
}

/** Where its actors live: the database's own system, or one of yours. */
export interface IndexActorOptions {
  readonly host?: CoalescerHost | undefined
  readonly watch?: FlushWatch | undefined
}

type Drain = (options: { readonly deadlineMs: number }) => Promise<void>
type Undelivered = Parameters<CoalescerHost['beforeClose']>[1]

/** Nothing of a call that comes while the store closes is taken in, and its caller must not think so. */
function closed(count: number): LockkeeperError {
  return new LockkeeperError(
    `The index is closing: these ${count} blobs are not stored; open the store again to put them`,
    {
      code: 'closed',
      stage: 'close',
      outcome: 'not-stored',
      label: 'blobs.store',
    },
  )
}

/**
 * Takes blobs of all sources in, and has them indexed. Two actors: `blob-writer` gathers blobs to batches, each once however many
 * peers send it, and stores them in the `sync` lane, so that whoever brings more than it holds waits; `index` derives what follows
 * from records, in steps of some milliseconds in the `background` lane.
 */
export class IndexActor {
  readonly #db: Database<StoreModules>
  readonly #known = new KnownBlobs()
  readonly #work: DatabaseIndexWork
  readonly #blobs: Coalescer<BlobRow>
  readonly #arrived: () => void
  readonly #open = new OpenCalls()
  #knownCount = 0
  #closing = false

  constructor(db: Database<StoreModules>, { host = db, watch = new FlushWatch() }: IndexActorOptions = {}) {
    this.#db = db
    this.#work = new DatabaseIndexWork(db, this.#known)
    const actor = host.spawn(indexMachine, { systemId: 'index', input: { work: this.#work } })
    this.#arrived = () => {
      this.#work.arrived()
      if (actor.getSnapshot().status === 'active') actor.send({ type: 'arrived' })
    }
    const stopped = new Promise<void>((resolve) => {
      actor.subscribe({ complete: resolve, error: () => resolve() })
    })
    let drainBlobs: Drain = async () => {}
    let undelivered: Undelivered | undefined
    const drain: Drain = async ({ deadlineMs }) => {
      this.#closing = true
      const endsAt = performance.now() + deadlineMs
      await this.#open.ended(deadlineMs)
      await drainBlobs({ deadlineMs: Math.max(0, endsAt - performance.now()) })
      if (actor.getSnapshot().status === 'active') actor.send({ type: 'drain' })
      await stopped
    }
    const unregister = host.beforeClose(drain, () => {
      const { label = 'blobs.store', values = 0 } = undelivered?.() ?? {}
      const { held, waiting } = this.#blobs.counts // the deadline may have come before it gave them up
      return { label, values: values + held + waiting }
    })
    void stopped.then(() => {
      this.#work.abandon()
      if (!this.#closing) unregister()
    })
    // Its drain is a part of ours: what callers have handed in and is still being prepared goes first.
    const blobHost = before(host, {
      spawn: (logic, options) => host.spawn(logic, options),
      beforeClose: (drainNext, undeliveredNext) => {
        drainBlobs = drainNext
        undelivered = undeliveredNext
        return () => {}
      },
    })
    const { itemsMax, bytesMax, ageMsMax, itemsHeldMax, bytesHeldMax } = indexLimits
    this.#blobs = coalescer<BlobRow>(blobHost, {
      name: 'blob-writer',
      key: ({ multihash, codec }) => `${codec} ${Buffer.from(multihash).toString('latin1')}`,
      flush: this.#remembering(watch.watch(db.procedure.blobs.store)),
      lane: 'sync',
      overflow: 'wait',
      itemsMax,
      bytesMax,
      ageMsMax,
      itemsHeldMax,
      bytesHeldMax,
    })
  }

  get counts(): IndexCounts {
    return {
      ...this.#work.counts,
      known: this.#knownCount,
      stored: this.#known.size,
      knowsAll: this.#known.isWhole,
      notWritten: this.#blobs.counts.dropped.closed,
    }
  }

  /**
   * Stores blobs and answers once they are committed. What is stored already is recognised here.
   * @throws LockkeeperError `closed`, `aborted`, or why they could not be stored.
   */
  async put(blobs: readonly VerifiedBlob[], { signal, until = 'stored' }: PutOptions = {}): Promise<void> {
    if (this.#closing) throw closed(blobs.length)
    await this.#open.track(this.#put(blobs, signal))
    if (until === 'indexed') await this.indexed()
  }

  /**
   * Stores and indexes what a person has just written, in the `user` lane: it can be found when this answers.
   * @throws RangeError for more than `indexLimits.publishedItemsMax` blobs: many are put.
   */
  async publish(blobs: readonly VerifiedBlob[], { signal }: Pick<PutOptions, 'signal'> = {}): Promise<void> {
    if (blobs.length > indexLimits.publishedItemsMax)
      throw new RangeError(
        `publish takes ${indexLimits.publishedItemsMax} blobs at most: put more with putBlobs`,
      )
    const rows = await Promise.all(blobs.map(blobRow))
    const ended = await this.#db.call.index.publish(rows, { signal }).outcome()
    if (ended.outcome === 'committed') for (const row of rows) this.#known.add(row)
    // Comments may have waited for it, also where nobody can tell whether it is stored.
    if (ended.outcome !== 'not-stored') this.#arrived()
    if ('error' in ended && ended.outcome !== 'committed') throw ended.error
  }

  /** Those of the CIDs that are not stored, in the order given. Asks the file only about what this thread can't tell. */
  async missing(
    cids: readonly string[],
    ask: (cids: readonly string[]) => Promise<string[]>,
  ): Promise<string[]> {
    const unknown = cids.filter((cid) => !this.#knows(cid))
    return this.#known.isWhole || unknown.length === 0 ? unknown : ask(unknown)
  }

  /** Resolves when all that is stored now is indexed, or waits for other blobs. */
  async indexed(): Promise<void> {
    const indexed = this.#work.whenIndexed()
    this.#arrived()
    await indexed
  }

  /** Resolves when a file of the first schema has been moved to this one. */
  adopted(): Promise<void> {
    return this.#work.adopted()
  }

  /** Derives everything anew, as a job that goes on across restarts; users write and read meanwhile. */
  reindex(id?: string): Job<number> {
    const job = this.#db.jobs.start.index.reindex(undefined, id === undefined ? {} : { id })
    void job.then(this.#arrived, () => {}) // it may have woken what waited
    return job
  }

  async #put(blobs: readonly VerifiedBlob[], signal: AbortSignal | undefined): Promise<void> {
    await this.#work.loaded
    const fresh = blobs.filter(({ cid }) => !this.#knows(cid))
    this.#knownCount += blobs.length - fresh.length
    await putInParts(fresh, async (rows) => void (await this.#blobs.putMany(rows, { signal })))
  }

  #knows(cid: string): boolean {
    const name = nameOf(cid)
    return name !== undefined && this.#known.has(name)
  }

  /** Remembers what was committed, and has it indexed. */
  #remembering(
    store: ProcedureReference<readonly BlobRow[], unknown>,
  ): ProcedureReference<readonly BlobRow[], unknown> {
    return onEnded(store, (rows, { outcome }) => {
      if (outcome !== 'committed') return
      for (const row of rows) this.#known.add(row)
      this.#arrived()
    })
  }
}

/** Spawns the actors `blob-writer` and `index`, in the database's system unless told otherwise. */
export function spawnIndexActor(db: Database<StoreModules>, options?: IndexActorOptions): IndexActor {
  return new IndexActor(db, options)
}
