import type { Connection, CopyProgress } from '../engine/port.ts'
import { errorFromThrown } from '../errors/from-sqlite.ts'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { type ErrorWire, errorToWire } from '../errors/wire.ts'
import type { WriterControl } from '../writer/control.ts'
import { type CopyFile, openCopy } from './copy-files.ts'
import { CopyHaste } from './copy-haste.ts'
import { nextMove, nextPages } from './copy-pace.ts'
import { backupProgressMs, backupRestartsMax, backupStepPagesMin, backupSyncBytes } from './limits.ts'

/** What the writer's thread tells of a copy. */
export type CopyNotice =
  | ({ readonly kind: 'progress' } & CopyProgress)
  | { readonly kind: 'copied'; readonly pages: number; readonly pageBytes: number; readonly restarts: number }
  | { readonly kind: 'failed'; readonly error: ErrorWire }

export interface BackupParts {
  readonly connection: Connection
  readonly control: WriterControl
  readonly post: (backup: number, notice: CopyNotice) => void
}

/**
 * The writer's thread's side of a backup: copies the database from the connection that writes, in steps between batches. One
 * at a time.
 *
 * ```
 * writer's thread                  app's thread
 * ---------------                  ------------
 * step (1 ms)
 * waits for the next, or a batch   posts a batch, announces it
 * wakes, runs the batch
 * waits for its answers’ answer    a user, answered, writes again
 * runs the batch
 * …
 * 20 ms without a step: a step
 * ```
 */
export class BackupRunner {
  readonly #parts: BackupParts
  #copy: Copy | undefined
  #ranBatch = 0

  constructor(parts: BackupParts) {
    this.#parts = parts
  }

  /** Never rejects: how it ended is told. */
  async start(id: number, file: string): Promise<void> {
    const { connection, post } = this.#parts
    const copy = new Copy(this.#parts, file, (progress) => post(id, { kind: 'progress', ...progress }))
    this.#copy = copy
    copy.noteWork(this.#ranBatch)
    let notice: CopyNotice
    try {
      const { pagesTotal } = await connection.copyTo(file, (progress) => copy.afterStep(progress))
      // Told before any later batch can be answered: what is acknowledged by then is in the copy, and nothing else is.
      notice = {
        kind: 'copied',
        pages: assertFilled(pagesTotal),
        pageBytes: copy.pageBytes,
        restarts: copy.restarts,
      }
    } catch (thrown) {
      notice = { kind: 'failed', error: errorToWire(errorFromThrown(thrown, { stage: 'execute' })) }
    }
    this.#copy = undefined
    if (notice.kind === 'failed') await copy.close()
    else void copy.close()
    post(id, notice)
  }

  cancel(): void {
    this.#copy?.cancel()
  }

  /** A batch has run. */
  noteWork(batch: number): void {
    this.#ranBatch = batch
    this.#copy?.noteWork(batch)
  }
}

/** One copy under way. */
class Copy {
  readonly pageBytes: number
  restarts = 0
  readonly #control: WriterControl
  readonly #file: string
  readonly #tell: (progress: CopyProgress) => void
  #opened: Promise<CopyFile> | undefined
  #pages = backupStepPagesMin
  /** Pages that the step was told to copy which comes back next; 0 where it was only to wait. */
  #asked = 0
  #stepFromMs = performance.now()
  #lastStepAtMs = performance.now()
  #lastWorkAtMs = 0
  #ranBatch = 0
  #pagesDone = 0
  #unsynced = 0
  #isSyncing = false
  #failure: unknown
  #isSyncedForEnd = false
  readonly #haste = new CopyHaste(performance.now())
  #toldAtMs = 0

  constructor({ connection, control }: BackupParts, file: string, tell: (progress: CopyProgress) => void) {
    const [pageBytes] = connection.prepareOwn('pragma page_size').firstArray(undefined) as [number]
    this.pageBytes = pageBytes
    this.#control = control
    this.#file = file
    this.#tell = tell
  }

  cancel(): void {
    this.#failure ??= new LockkeeperError('The backup was cancelled: begin another one', {
      code: 'aborted',
      stage: 'execute',
    })
  }

  noteWork(batch: number): void {
    this.#ranBatch = batch
    this.#lastWorkAtMs = performance.now()
    this.#stepFromMs = this.#lastWorkAtMs
  }

  /** A step has come back. @returns how many pages the next may copy; with 0 other work comes first. */
  afterStep(progress: CopyProgress): number {
    this.#learn(progress)
    if (this.#failure !== undefined) throw this.#failure
    const nowMs = performance.now()
    const isLast = progress.pagesTotal - progress.pagesDone <= this.#pages
    const isDue = isLast ? !this.#isSyncedForEnd && this.#unsynced > 0 : this.#unsynced >= backupSyncBytes
    if (isDue && !this.#isSyncing) {
      // Once: where the database grows, the end comes near again and again.
      this.#isSyncedForEnd ||= isLast
      void this.#sync()
    }
    const move = nextMove({
      nowMs,
      lastStepAtMs: this.#lastStepAtMs,
      lastWorkAtMs: this.#lastWorkAtMs,
      isWorkPosted: this.#control.isPosted(this.#ranBatch),
      isSyncing: this.#isSyncing,
      awaitsQuiet: isLast && this.#haste.mayAwaitQuiet(nowMs),
      hungryMs: this.#haste.hungryMs,
    })
    this.#asked = move === 'step' ? this.#pages : 0
    if (move !== 'step' && move.waitMs > 0) this.#control.awaitBatch(this.#ranBatch, move.waitMs)
    this.#stepFromMs = performance.now()
    return this.#asked
  }

  #learn(progress: CopyProgress): void {
    const { pagesDone, pagesTotal } = progress
    const nowMs = performance.now()
    // SQLite begins anew by itself where the file was changed by somebody else, and says so only by its count.
    const expected = Math.min(this.#pagesDone + this.#asked, pagesTotal)
    if (pagesDone < expected) {
      if (++this.restarts > backupRestartsMax) throw overtaken()
      this.#haste.beginAnew(nowMs)
    } else if (this.#asked > 0 && !this.#haste.note(nowMs, pagesTotal - pagesDone)) throw outgrown()
    if (this.#asked > 0) {
      this.#lastStepAtMs = nowMs
      this.#unsynced += this.#asked * this.pageBytes
      this.#pages = nextPages(this.#asked, nowMs - this.#stepFromMs)
    }
    const isNews = pagesDone !== this.#pagesDone
    this.#pagesDone = pagesDone
    if (!isNews || nowMs - this.#toldAtMs < backupProgressMs) return
    this.#toldAtMs = nowMs
    this.#tell(progress)
  }

  async #sync(): Promise<void> {
    this.#isSyncing = true
    this.#unsynced = 0
    try {
      this.#opened ??= openCopy(this.#file)
      await (await this.#opened).sync()
    } catch (cause) {
      this.#failure ??= new LockkeeperError(
        'The backup cannot be written to its disk: look at the disk, and begin another one',
        { code: 'backup-failed', stage: 'execute', cause },
      )
    }
    this.#isSyncing = false
  }

  async close(): Promise<void> {
    await this.#opened?.then((file) => file.close()).catch(ignore)
  }
}

/** A database that could not be read at first passes for one of no pages. Ours has some: it has our tables. */
function assertFilled(pages: number): number {
  if (pages > 0) return pages
  throw new LockkeeperError('The database could not be read for its backup: begin another one', {
    code: 'backup-failed',
    stage: 'execute',
    retryable: true,
  })
}

function overtaken(): LockkeeperError {
  return new LockkeeperError(
    `The backup was begun ${backupRestartsMax + 1} times, because another process kept writing, or large transactions were rolled back: try again when it is calm, or let that process make the backup`,
    { code: 'backup-overtaken', stage: 'execute', retryable: true },
  )
}

function outgrown(): LockkeeperError {
  return new LockkeeperError(
    'The database grows faster than it can be copied: make the backup when less is written, or on a faster disk',
    { code: 'backup-overtaken', stage: 'execute', retryable: true },
  )
}

function ignore(): void {}
