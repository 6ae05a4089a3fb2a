import type { Pace } from '../limits.ts'
import { blobWarmUp } from '../limits-peer-store.ts'
import type { Corpus, CorpusBlob } from '../subjects/corpus.ts'
import type { Measurements } from '../trials/trial.ts'
import { type BlobHost, loadBlobs } from './blob-load.ts'
import type { Beside } from './measure-storm.ts'
import { SteadyLoad } from './steady-load.ts'

export interface SyncHost extends BlobHost {
  /** Blobs that a caller hands in at a time. */
  readonly perCall: number
}

/** What a file must hold of blobs. Those of a call that was refused may have been stored in part. */
export interface StoredBounds {
  readonly least: number
  readonly most: number
}

/** A sync that stores blobs without a pause, by callers that hand in their next ones when their last are stored. */
export class SyncBeside implements Beside {
  readonly #host: SyncHost
  readonly #warmUp: readonly CorpusBlob[][]
  readonly #left: Iterator<CorpusBlob[]>
  readonly #warmedUp: number
  #load: SteadyLoad | undefined
  #startedAt = 0
  #handedIn = 0
  #isEnding = false

  constructor(host: SyncHost, corpus: Pick<Corpus, 'batches'>, pace: Pick<Pace, 'blobs'>) {
    this.#host = host
    const { warmUp, measured } = corpus.batches(blobWarmUp(pace), host.perCall)
    this.#warmUp = warmUp
    this.#warmedUp = warmUp.flat().length
    this.#left = measured.values()
  }

  /** Stores and indexes the first blobs. */
  async warmUp(): Promise<void> {
    await loadBlobs(this.#host, this.#warmUp)
  }

  start(): void {
    this.#startedAt = performance.now()
    this.#load = new SteadyLoad(this.#host.callers, () => this.#putNext())
  }

  /** What has been stored since the start. */
  measured(): Measurements {
    const perMs = (this.#load?.acknowledged ?? 0) / (performance.now() - this.#startedAt)
    return { sync_blobs: { value: perMs * 1_000, unit: 'blobs/s' } }
  }

  /**
   * Hands in no more. Calls under way come to their end, or may be refused from now on.
   * @throws what a call was told before; Error if the blobs have run out.
   */
  async stop(): Promise<StoredBounds> {
    this.#isEnding = true
    await this.#load?.stop()
    const acknowledged = this.#load?.acknowledged ?? 0
    return { least: this.#warmedUp + acknowledged, most: this.#warmedUp + this.#handedIn }
  }

  /** @returns how many were stored. */
  async #putNext(): Promise<number> {
    const { value: blobs, done } = this.#left.next()
    if (done === true) throw new Error('The blobs have run out: syncBlobsPerSecondMax is too low')
    this.#handedIn += blobs.length
    try {
      await this.#host.put(blobs)
      return blobs.length
    } catch (error) {
      if (this.#isEnding) return 0
      throw error
    }
  }
}
