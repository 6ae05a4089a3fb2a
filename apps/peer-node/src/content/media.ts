import { open } from 'node:fs/promises'
import { verifyBlob } from '@lockkeeper/peer-store'
import { type ImporterOptions, type ImportResult, importer, importFile } from 'ipfs-unixfs-importer'
import { fixedSize } from 'ipfs-unixfs-importer/chunker'
import type { CID } from 'multiformats/cid'
import { contentLimits } from '../limits.ts'
import type { BlobBatches } from './blob-batches.ts'
import type { FoundFile } from './found-files.ts'

const options: ImporterOptions = {
  cidVersion: 1,
  rawLeaves: true,
  chunker: fixedSize({ chunkSize: contentLimits.chunkBytes }),
  blockWriteConcurrency: 4, // each chunk waits for its place in a batch; more at once would only be held in memory
}

/** A media file in the store: the CID of its manifest (or of its only chunk), its name and size. */
export type MediaFile = ImportResult

/** A media file that could not be read to its end. The store's own failures are not this. */
export class FileUnreadableError extends Error {
  override readonly name = 'FileUnreadableError'
}

/**
 * Cuts a file to raw chunks and describes them in dag-pb manifests, as UnixFS has it.
 * @throws FileUnreadableError if the file cannot be read; its chunks so far stay, unnamed.
 */
export async function importMediaFile(
  { file, path }: FoundFile,
  batches: BlobBatches,
  signal: AbortSignal,
): Promise<MediaFile> {
  const result = await importFile({ content: chunksOf(file, signal) }, blockstoreOf(batches), options)
  return { ...result, path }
}

/** Describes the folders above the files, which keep their names. @returns the CID of the topmost. */
export async function importMediaFolder(files: readonly MediaFile[], batches: BlobBatches): Promise<string> {
  const folder: ImporterOptions = {
    ...options,
    wrapWithDirectory: true,
    dagBuilder: async function* () {
      for (const file of files) yield async () => file
    },
  }
  let top: ImportResult | undefined
  for await (const entry of importer([], blockstoreOf(batches), folder)) top = entry
  if (top === undefined) throw new Error('a folder of media has no manifest')
  return top.cid.toString()
}

function blockstoreOf(batches: BlobBatches): { put(cid: CID, bytes: Uint8Array): Promise<CID> } {
  return {
    async put(cid, bytes) {
      await batches.add(verifyBlob({ cid: cid.toString(), bytes }))
      return cid
    },
  }
}

async function* chunksOf(file: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const handle = await open(file).catch(unreadable)
  try {
    const { size } = await handle.stat().catch(unreadable) // a log that grows meanwhile is taken as it was
    for (let at = 0; at < size; ) {
      signal.throwIfAborted()
      const { bytesRead, buffer } = await handle
        .read(new Uint8Array(Math.min(contentLimits.chunkBytes, size - at)))
        .catch(unreadable)
      if (bytesRead === 0) return
      at += bytesRead
      yield buffer.subarray(0, bytesRead)
    }
  } finally {
    await handle.close()
  }
}

function unreadable(error: unknown): never {
  throw new FileUnreadableError((error as Error).message, { cause: error })
}
