import { splitPool } from '../limits.ts'
import { Fifo } from './fifo.ts'

interface Waiting<Blob> {
  readonly blob: Blob
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** One feeder for the blobs of all: takes up to a hundred of whatever waits, and takes more when those are stored. */
export class BlobFeeder<Blob> {
  readonly #store: (blobs: readonly Blob[]) => Promise<unknown>
  readonly #line = new Fifo<Waiting<Blob>>()
  #isFeeding = false

  constructor(store: (blobs: readonly Blob[]) => Promise<unknown>) {
    this.#store = store
  }

  /** Answers when all are stored. @throws what a batch failed with that one of them was in. */
  async write(blobs: readonly Blob[]): Promise<void> {
    const stored = blobs.map(
      (blob) => new Promise<void>((resolve, reject) => this.#line.push({ blob, resolve, reject })),
    )
    if (!this.#isFeeding) void this.#feed()
    await Promise.all(stored)
  }

  async #feed(): Promise<void> {
    this.#isFeeding = true
    while (this.#line.length > 0) {
      const batch = this.#line.take(splitPool.blobsPerBatch)
      try {
        await this.#store(batch.map(({ blob }) => blob))
        for (const { resolve } of batch) resolve()
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    this.#isFeeding = false
  }
}
