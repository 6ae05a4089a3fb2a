import type { Pace } from '../limits.ts'
import { blobsPerCall, blobWarmUp } from '../limits-peer-store.ts'
import { Corpus, type CorpusBlob } from '../subjects/corpus.ts'
import type { Measurements } from '../trials/trial.ts'
import { type BlobHost, loadBlobs, rateOf } from './blob-load.ts'
import { LogSize } from './log-size.ts'
import { LoopDelay } from './loop-delay.ts'

export interface OpenBlobHost extends BlobHost {
  /** @throws Error unless all of a corpus is there, and indexed. */
  assertStored(corpus: Corpus): Promise<void>
  close(): Promise<unknown>
}

/** The batches of a corpus, at a pace. */
export function batchesOf(corpus: Corpus, pace: Pace): ReturnType<Corpus['batches']> {
  return corpus.batches(blobWarmUp(pace), blobsPerCall)
}

/**
 * Stores and indexes all blobs, closes, opens again and hands the same in once more.
 * @param file the database's.
 */
export async function measureBlobs(
  open: () => Promise<OpenBlobHost>,
  file: string,
  { pace, sharedFolder }: { readonly pace: Pace; readonly sharedFolder: string },
): Promise<Measurements> {
  const corpus = new Corpus(sharedFolder)
  const { warmUp, measured } = batchesOf(corpus, pace)
  const first = await open()
  await loadBlobs(first, warmUp)
  const logSize = new LogSize(file)
  const loopDelay = await LoopDelay.start()
  const elapsedMs = await loadBlobs(first, measured)
  const sizes = logSize.stop()
  const delays = await loopDelay.stop()
  await first.assertStored(corpus)
  await first.close()
  const again = await measureAgain(open, corpus, measured)
  return { ...rateOf(measured, elapsedMs), ...again, ...sizes, ...delays }
}

async function measureAgain(
  open: () => Promise<OpenBlobHost>,
  corpus: Corpus,
  batches: readonly CorpusBlob[][],
): Promise<Measurements> {
  const openedAt = performance.now()
  const host = await open()
  const reopenMs = performance.now() - openedAt
  const { throughput } = rateOf(batches, await loadBlobs(host, batches))
  await host.assertStored(corpus)
  await host.close()
  return { ...(throughput && { known: throughput }), reopen: { value: reopenMs, unit: 'ms' } }
}
