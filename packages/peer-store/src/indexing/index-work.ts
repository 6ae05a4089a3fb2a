import { type Database, LockkeeperError } from '@lockkeeper/core'
import type { KnownBlobs } from '../blobs/known-blobs.ts'
import { sliceNames } from '../blobs/name-page.ts'
import { indexLimits } from '../limits.ts'
import type { StoreModules } from '../store/modules.ts'
import type { StepResult } from './procedures.ts'

/** How a step ended, as the machine hears of it. */
export type StepOutcome = 'done' | 'failed' | 'stopped'

/** What the machine knows of indexing. */
export interface IndexWork {
  /** Learns what is stored; never rejects: what could not be learned is looked up in the file. */
  load(): Promise<void>
  /** Has some records indexed, the oldest first; never rejects. */
  step(): Promise<StepOutcome>
  /** Whether there may be records to be indexed. */
  readonly hasMore: boolean
  /** Resolves when no step is under way. */
  settled(): Promise<void>
  /** Tells whoever waits that nothing more will be indexed. */
  abandon(): void
  /** Depths only: inspectors serialise what machines hold. */
  toJSON(): unknown
}

interface Waiter {
  readonly resolve: () => void
  readonly reject: (error: LockkeeperError) => void
}

const adoptJob = 'peer-store.adopt-blobs'

/** Indexing of one database: the steps, and those who wait for them. */
export class DatabaseIndexWork implements IndexWork {
  readonly #db: Database<StoreModules>
  readonly #known: KnownBlobs
  readonly #loaded = Promise.withResolvers<void>()
  #hasMore = true
  /** Whether the last step left records to be indexed: then several are sent at once, so that the writer need not wait for us. */
  #backlog = false
  #waiters: Waiter[] = []
  #underWay: Promise<StepOutcome> | undefined
  #stopped: LockkeeperError | undefined
  #mayAdopt = true
  readonly #adopting = Promise.withResolvers<number>()
  /** Failures of the record that is next, when it was tried alone. */
  #strikes = 0
  #counts = { indexed: 0, waiting: 0, refused: 0, setAside: 0, steps: 0 }

  constructor(db: Database<StoreModules>, known: KnownBlobs) {
    this.#db = db
    this.#known = known
    this.#adopting.promise.catch(() => {}) // nobody has to wait for it
  }

  get hasMore(): boolean {
    return this.#hasMore
  }

  get counts(): Readonly<Record<'indexed' | 'waiting' | 'refused' | 'setAside' | 'steps', number>> {
    return { ...this.#counts }
  }

  /** Resolves when what was stored before is known. */
  get loaded(): Promise<void> {
    return this.#loaded.promise
  }

  arrived(): void {
    this.#hasMore = true
  }

  /** Resolves when all that is stored now is indexed, or waits for other blobs. */
  whenIndexed(): Promise<void> {
    if (this.#stopped !== undefined) return Promise.reject(this.#stopped)
    this.#hasMore = true
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }))
  }

  async load(): Promise<void> {
    try {
      for (let after: number | undefined = 0; after !== undefined; ) {
        const page = await this.#db.call.blobs.names(after)
        for (const name of sliceNames(page)) this.#known.add(name)
        after = this.#known.isFull ? undefined : page.last
      }
      this.#known.loaded()
    } catch {
      // A database that can't be read says so to whoever reads; unknown blobs are merely stored again, to no effect.
    }
    this.#loaded.resolve()
  }

  /**
   * Goes on by itself once it was started, across restarts too. Not before all are indexed: by where its data lies a record is known
   * to come from the first schema, and so to be no news to anybody.
   */
  async #adoptOld(): Promise<void> {
    try {
      const old = await this.#db.call.blobs.countOld()
      this.#adopting.resolve(old > 0 ? this.#db.jobs.start.blobs.adopt(undefined, { id: adoptJob }) : 0)
    } catch (error) {
      this.#adopting.reject(error)
    }
  }

  /** Resolves when the data of the first schema's blobs has been moved. */
  async adopted(): Promise<void> {
    await this.#adopting.promise
  }

  step(): Promise<StepOutcome> {
    this.#underWay ??= this.#step().finally(() => {
      this.#underWay = undefined
    })
    return this.#underWay
  }

  async #step(): Promise<StepOutcome> {
    const waiters = this.#waiters
    this.#waiters = []
    this.#hasMore = false
    const calls = this.#backlog && this.#strikes === 0 ? indexLimits.stepsAtOnce : 1
    // Somebody who waits is no background work any more.
    const lane = waiters.length > 0 ? 'sync' : 'background'
    const suspect = this.#strikes < indexLimits.strikesMax ? undefined : await this.#nextId()
    const input = { msMax: indexLimits.stepMs, itemsMax: this.#strikes > 0 ? 1 : indexLimits.stepItemsMax }
    const tickets = Array.from({ length: calls }, () => this.#db.call.index.step(input, { lane }))
    const outcomes = await Promise.all(tickets.map((ticket) => ticket.outcome()))
    let failure: LockkeeperError | undefined
    for (const ended of outcomes) {
      if ('result' in ended) this.#count(ended.result)
      else failure ??= ended.error
    }
    if (failure === undefined && !this.#backlog) for (const { resolve } of waiters) resolve()
    else this.#waiters.unshift(...waiters)
    this.#hasMore ||= this.#backlog
    if (failure === undefined && !this.#backlog && this.#mayAdopt) {
      this.#mayAdopt = false
      void this.#adoptOld()
    }
    return failure === undefined ? 'done' : this.#failed(failure, suspect)
  }

  /** Looked up before it is tried: by the time it has failed, what somebody published may have woken an older one. */
  async #nextId(): Promise<number | undefined> {
    return this.#db.call.index.nextId().catch(() => undefined)
  }

  #count({ indexed, waiting, refused, more }: StepResult): void {
    this.#strikes = 0
    this.#backlog = more
    this.#counts.indexed += indexed
    this.#counts.waiting += waiting
    this.#counts.refused += refused
    this.#counts.steps += 1
  }

  /** What keeps failing is tried alone, and then set aside, so that one bad record does not keep all others waiting. */
  async #failed(error: LockkeeperError, suspect: number | undefined): Promise<StepOutcome> {
    if (error.code === 'closed' || error.code === 'writer-stopped') {
      this.#stopped = error
      return 'stopped'
    }
    this.#hasMore = true
    if (error.retryable || error.code === 'result-lost') return 'failed'
    this.#strikes += 1
    if (suspect === undefined) return 'failed'
    const ended = await this.#db.call.index.setAside(suspect, { lane: 'background' }).outcome()
    if ('result' in ended) {
      this.#strikes = 0
      this.#counts.setAside += ended.result
    }
    return 'failed'
  }

  async settled(): Promise<void> {
    await this.#underWay
  }

  abandon(): void {
    this.#stopped ??= new LockkeeperError(
      'The index is closed: what it has not indexed is indexed at the next start',
      {
        code: 'closed',
        stage: 'close',
        label: 'index',
      },
    )
    this.#loaded.resolve()
    this.#adopting.reject(this.#stopped)
    for (const { reject } of this.#waiters.splice(0)) reject(this.#stopped)
  }

  toJSON(): unknown {
    return { known: this.#known, waiters: this.#waiters.length, hasMore: this.#hasMore, ...this.#counts }
  }
}
