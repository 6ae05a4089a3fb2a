import type { CorpusBlob } from '../subjects/corpus.ts'
import type { Measurements } from '../trials/trial.ts'

/** Who stores and indexes blobs. */
export interface BlobHost {
  /** Answers when all of them are stored. */
  readonly put: (blobs: readonly CorpusBlob[]) => Promise<unknown>
  /** Answers when all that is stored is indexed too. */
  readonly indexed: () => Promise<unknown>
  readonly callers: number
}

/** Hands all batches in, callers taking them in turn, each its next one when its last is stored. @returns how long it all took, in ms. */
export async function loadBlobs(host: BlobHost, batches: readonly CorpusBlob[][]): Promise<number> {
  const startedAt = performance.now()
  const left = batches.values()
  const call = async (): Promise<void> => {
    for (const batch of left) await host.put(batch)
  }
  await Promise.all(Array.from({ length: host.callers }, call))
  await host.indexed()
  return performance.now() - startedAt
}

/** How many blobs a second that was, and what one of them took. */
export function rateOf(batches: readonly CorpusBlob[][], elapsedMs: number): Measurements {
  const blobs = batches.reduce((sum, batch) => sum + batch.length, 0)
  return {
    throughput: { value: (blobs / elapsedMs) * 1_000, unit: 'blobs/s' },
    per_blob: { value: elapsedMs / blobs, unit: 'ms' },
  }
}
