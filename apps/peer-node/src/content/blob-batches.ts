import type { VerifiedBlob } from '@lockkeeper/peer-store'
import { contentLimits } from '../limits.ts'

/**
 * Gathers blobs and hands them over in batches. `add` waits while a batch is being taken, so whoever makes blobs goes no
 * faster than whoever stores them.
 */
export class BlobBatches {
  readonly #store: (blobs: readonly VerifiedBlob[]) => Promise<void>
  #blobs: VerifiedBlob[] = []
  #bytes = 0
  #storing: Promise<void> = Promise.resolve()

  constructor(store: (blobs: readonly VerifiedBlob[]) => Promise<void>) {
    this.#store = store
  }

  async add(blob: VerifiedBlob): Promise<void> {
    this.#blobs.push(blob)
    this.#bytes += blob.bytes.byteLength
    if (this.#blobs.length >= contentLimits.batchItems || this.#bytes >= contentLimits.batchBytes)
      await this.flush()
  }

  /** Hands over what is left, and waits until all is stored. */
  flush(): Promise<void> {
    const blobs = this.#blobs
    this.#blobs = []
    this.#bytes = 0
    this.#storing = this.#storing.then(() => (blobs.length === 0 ? undefined : this.#store(blobs)))
    return this.#storing
  }
}
