import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A blob by name, with its bytes. */
export interface CorpusBlob {
  readonly cid: string
  readonly bytes: Uint8Array
}

/** Where a blob lies in the file of all bytes. Media overlap there: each is another piece of the same noise. */
export type Entry = readonly [cid: string, from: number, length: number]

export interface CorpusIndex {
  readonly entries: readonly Entry[]
  /** How many documents there are, each in several versions. */
  readonly documents: number
}

const bytesFile = (folder: string): string => join(folder, 'corpus.bin')
const indexFile = (folder: string): string => join(folder, 'corpus.json')

export const corpusFiles = { bytesFile, indexFile } as const

/** Blobs that are the same for every subject: those to warm up with, and those that are measured. */
export class Corpus {
  readonly blobs: readonly CorpusBlob[]
  readonly documents: number

  constructor(folder: string) {
    const { entries, documents } = JSON.parse(readFileSync(indexFile(folder), 'utf8')) as CorpusIndex
    const bytes = readFileSync(bytesFile(folder))
    this.blobs = entries.map(([cid, from, length]) => ({ cid, bytes: bytes.subarray(from, from + length) }))
    this.documents = documents
  }

  /** The first so many, and the others. */
  batches(warmUp: number, batchBlobs: number): Readonly<Record<'warmUp' | 'measured', CorpusBlob[][]>> {
    const cut = (blobs: readonly CorpusBlob[]): CorpusBlob[][] =>
      Array.from({ length: Math.ceil(blobs.length / batchBlobs) }, (_, index) =>
        blobs.slice(index * batchBlobs, (index + 1) * batchBlobs),
      )
    return { warmUp: cut(this.blobs.slice(0, warmUp)), measured: cut(this.blobs.slice(warmUp)) }
  }
}
