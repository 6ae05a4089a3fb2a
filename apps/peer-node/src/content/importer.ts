import { type FileHandle, open } from 'node:fs/promises'
import { setImmediate as eventLoopTurn } from 'node:timers/promises'
import { BlobRefusedError, type Signer, type VerifiedBlob } from '@lockkeeper/peer-store'
import { contentLimits } from '../limits.ts'
import { BlobBatches } from './blob-batches.ts'
import { makeDocument, type TextFile } from './document.ts'
import { type FoundFile, findFiles, type ImportRoot } from './found-files.ts'
import { type ImportStatus, noImport } from './import-progress.ts'
import { FileUnreadableError, importMediaFile, importMediaFolder, type MediaFile } from './media.ts'
import { decodeText, startsLikeText } from './text-detection.ts'

export interface ImporterInput {
  readonly roots: readonly ImportRoot[]
  readonly dataFolder: string
  readonly signer: Signer
  /** Takes blobs to the store; answers once they are committed. */
  readonly store: (blobs: readonly VerifiedBlob[]) => Promise<void>
  /** Hears of each file or folder that is left out, and why. */
  readonly onSkipped: (path: string, reason: string) => void
}

/** Takes files and folders in: texts as signed documents, the rest as media. */
export class Importer {
  readonly #input: ImporterInput
  readonly #batches: BlobBatches
  #status: ImportStatus

  constructor(input: ImporterInput) {
    this.#input = input
    this.#batches = new BlobBatches(input.store)
    this.#status = { ...noImport, state: input.roots.length === 0 ? 'none' : 'running' }
  }

  get status(): ImportStatus {
    return this.#status
  }

  /**
   * Imports everything, one root after the other. Files that cannot be read are skipped and counted; a store that fails
   * ends the import, and so does the signal. Never rejects: the status says how it went.
   */
  async run(signal: AbortSignal): Promise<ImportStatus> {
    if (this.#input.roots.length === 0) return this.#status
    try {
      for (const [root, files] of await this.#findAll()) await this.#importRoot(root, files, signal)
      this.#update({ state: 'done' })
    } catch (error) {
      if (signal.aborted) this.#update({ state: 'stopped' })
      else this.#update({ state: 'failed', error: (error as Error).message })
    }
    return this.#status
  }

  async #findAll(): Promise<[ImportRoot, FoundFile[]][]> {
    const found: [ImportRoot, FoundFile[]][] = []
    for (const root of this.#input.roots) {
      const files: FoundFile[] = []
      for await (const file of findFiles(root, this.#input.dataFolder, this.#skip)) {
        if (this.#status.total === contentLimits.filesMax)
          throw new Error(`more than ${contentLimits.filesMax} files`)
        files.push(file)
        this.#update({ total: this.#status.total + 1 })
      }
      found.push([root, files])
    }
    return found
  }

  async #importRoot(root: ImportRoot, files: readonly FoundFile[], signal: AbortSignal): Promise<void> {
    const media: MediaFile[] = []
    for (const file of files) {
      signal.throwIfAborted()
      const mediaFile = await this.#importFile(file, signal)
      if (mediaFile !== undefined) media.push(mediaFile)
      this.#update({ done: this.#status.done + 1 })
    }
    if (root.folder !== undefined && media.length > 0) {
      const manifest = await importMediaFolder(media, this.#batches)
      this.#update({ manifests: [...this.#status.manifests, manifest] })
    } else {
      this.#update({ manifests: [...this.#status.manifests, ...media.map(({ cid }) => cid.toString())] })
    }
    await this.#batches.flush()
  }

  async #importFile(found: FoundFile, signal: AbortSignal): Promise<MediaFile | undefined> {
    let text: TextFile | 'media'
    try {
      text = await readText(found)
    } catch (error) {
      this.#skip(found.file, (error as Error).message)
      return undefined
    }
    if (text !== 'media' && (await this.#storeDocument(text))) return undefined
    return this.#storeMedia(found, signal)
  }

  /** @returns false if the document came out too large to be one. */
  async #storeDocument(text: TextFile): Promise<boolean> {
    let blob: VerifiedBlob
    try {
      blob = makeDocument(text, this.#input.signer)
    } catch (error) {
      if (error instanceof BlobRefusedError) return false
      throw error
    }
    await this.#batches.add(blob)
    this.#update({ documents: this.#status.documents + 1 })
    await eventLoopTurn() // parsing and signing are synchronous; requests are to be answered in between
    return true
  }

  async #storeMedia(found: FoundFile, signal: AbortSignal): Promise<MediaFile | undefined> {
    try {
      const file = await importMediaFile(found, this.#batches, signal)
      this.#update({ media: this.#status.media + 1 })
      return file
    } catch (error) {
      if (!(error instanceof FileUnreadableError)) throw error
      this.#skip(found.file, error.message)
      return undefined
    }
  }

  readonly #skip = (path: string, reason: string): void => {
    this.#input.onSkipped(path, reason)
    this.#update({ skipped: this.#status.skipped + 1 })
  }

  #update(change: Partial<ImportStatus>): void {
    this.#status = { ...this.#status, ...change }
  }
}

/** Reads a file that is a text of a document's size; says so if it is not one. */
async function readText({ file, path }: FoundFile): Promise<TextFile | 'media'> {
  const handle = await open(file)
  try {
    const { size, mtimeMs } = await handle.stat()
    if (size > contentLimits.mediaBytesMax)
      throw new Error(`larger than ${contentLimits.mediaBytesMax} bytes`)
    if (size > contentLimits.documentBytesMax) return 'media'
    if (!startsLikeText(await readStart(handle, Math.min(size, contentLimits.sniffBytes)))) return 'media'
    const text = decodeText(await readStart(handle, size))
    return text === undefined ? 'media' : { path, text, changedAt: mtimeMs }
  } finally {
    await handle.close()
  }
}

/** The first bytes of a file; fewer if it has become shorter meanwhile. */
async function readStart(handle: FileHandle, count: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(count)
  let at = 0
  while (at < count) {
    const { bytesRead } = await handle.read(bytes, at, count - at, at)
    if (bytesRead === 0) break
    at += bytesRead
  }
  return bytes.subarray(0, at)
}
