import { blobWarmUp } from '../../limits-peer-store.ts'
import { makeInProcess } from '../../processes/make-in-process.ts'
import type { Preparation } from '../suite.ts'

/** What the process that makes the blobs is started with. */
export interface CorpusOrder {
  readonly folder: string
  readonly blobs: number
}

/** Makes the blobs that all trials store: signing and naming them takes seconds, and is no part of the work. */
export async function makeCorpus(preparation: Preparation): Promise<void> {
  const { pace } = preparation
  await makeBlobs(preparation, blobWarmUp(pace) + pace.blobs)
}

/** Makes so many. */
export async function makeBlobs(
  { folder, signal }: Pick<Preparation, 'folder' | 'signal'>,
  blobs: number,
): Promise<void> {
  const order: CorpusOrder = { folder, blobs }
  await makeInProcess(new URL('./corpus-process.ts', import.meta.url), order, signal)
}
