import { isLockkeeperError, LockkeeperError, type LockkeeperErrorFields } from '../errors/lockkeeper-error.ts'
import { errorFromWire } from '../errors/wire.ts'
import { threadLeaveMs, timerMsMax } from '../limits.ts'
import { assertReadOptions, invalid } from '../mailbox/arguments.ts'
import type { Thread } from '../threads/start.ts'
import { BackupTarget } from './backup-target.ts'
import type { CopyCheck } from './check-copy.ts'
import { Ending } from './ending.ts'
import type { CopyNotice } from './run-backup.ts'
import { startCheck } from './start-check.ts'
import type { BackupOptions, BackupResult } from './types.ts'

type Copied = Extract<CopyNotice, { kind: 'copied' }>

/** A backup under way. */
interface Backup {
  readonly id: number
  readonly options: BackupOptions
  readonly ending: Ending
  /** How its copying went. */
  readonly copying: PromiseWithResolvers<Copied>
}

/**
 * The app thread's side of backups: the writer's thread copies, a thread of its own checks, and only then the copy gets its
 * name. One at a time.
 */
export class BackupDesk {
  readonly #connection: string | undefined
  #thread: Thread<'writer'> | undefined
  #refusal: LockkeeperError | undefined
  #backup: Backup | undefined
  /** Resolves when the last backup has ended and left nothing behind. */
  #over: Promise<unknown> = Promise.resolve()
  #lastId = 0

  /** @param connection the module of the app's connection set-up. */
  constructor(connection: string | undefined) {
    this.#connection = connection
  }

  /** The writer's thread has been started or has gone. */
  connect(thread: Thread<'writer'> | undefined): void {
    if (thread === undefined) this.#backup?.copying.reject(threadLost())
    this.#thread = thread
  }

  /** From now on there are no backups. */
  abandon(reason: LockkeeperError): void {
    this.#refusal ??= reason
  }

  async start(file: string, options: BackupOptions = {}): Promise<BackupResult> {
    try {
      assertBackup(file, options)
      return await this.#start(file, options)
    } catch (thrown) {
      throw isLockkeeperError(thrown) ? labelled(thrown, options?.label) : thrown
    }
  }

  get isRunning(): boolean {
    return this.#backup !== undefined
  }

  /** Ends the backup under way; resolves when it has left nothing behind. */
  async close(reason: LockkeeperError): Promise<void> {
    this.abandon(reason)
    this.#backup?.ending.end(asRefusal(reason))
    await this.#over
  }

  async #start(file: string, options: BackupOptions): Promise<BackupResult> {
    const thread = this.#thread
    if (this.#refusal !== undefined) throw asRefusal(this.#refusal)
    if (this.#backup !== undefined) throw alreadyRunning()
    if (thread === undefined) throw threadLost()
    const target = new BackupTarget(file, options.overwrite ?? false)
    const ending = new Ending(options, endingsOf(options))
    const backup = { id: ++this.#lastId, options, ending, copying: Promise.withResolvers<Copied>() }
    this.#backup = backup
    // The threads are held for writes and reads only, and while this one works the app may have nothing else to do.
    const alive = setInterval(() => {}, timerMsMax)
    const made = this.#make(backup, target, thread).finally(async () => {
      clearInterval(alive)
      ending.stop()
      await target.removeCopy().catch(ignore)
      target.release()
      this.#backup = undefined
    })
    this.#over = made.catch(ignore)
    return await Promise.race([made, ending.late(threadLeaveMs)])
  }

  async #make({ id, ending, copying }: Backup, target: BackupTarget, thread: Thread<'writer'>) {
    const startedAt = performance.now()
    if (!ending.hasCome) thread.post({ type: 'backup', id, file: target.copy })
    else copying.reject(undefined)
    const { pages, restarts } = await ending.during(copying.promise, () => {
      if (this.#thread === thread) thread.post({ type: 'backup.cancel' })
    })
    const { checked, cancel } = startCheck({ file: target.copy, connection: this.#connection })
    const check = await ending.during(checked, () => {
      cancel()
      // The check may take its time to notice, and the process may end meanwhile. Where open files stay, it is removed later.
      target.removeCopy().catch(ignore)
    })
    assertSound(check, pages)
    await named(target)
    const ms = performance.now() - startedAt
    return { file: target.file, pages: check.pages, bytes: check.bytes, restarts, ms }
  }

  onNotice(id: number, notice: CopyNotice): void {
    const backup = this.#backup
    if (backup?.id !== id) return
    if (notice.kind === 'failed') backup.copying.reject(errorFromWire(notice.error))
    else if (notice.kind === 'progress') {
      const { pagesDone, pagesTotal } = notice
      tell(backup, { phase: 'copying', pagesDone, pagesTotal })
    } else {
      // Before the answers to later writes are dealt with: they are not in the copy.
      tell(backup, { phase: 'checking', pagesDone: notice.pages, pagesTotal: notice.pages })
      backup.copying.resolve(notice)
    }
  }
}

function tell(
  { options, ending }: Backup,
  progress: Parameters<NonNullable<BackupOptions['onProgress']>>[0],
) {
  if (ending.hasCome) return
  try {
    options.onProgress?.(progress)
  } catch (thrown) {
    ending.end(thrown)
  }
}

function assertBackup(file: unknown, options: BackupOptions): void {
  if (typeof file !== 'string' || file === '' || file === ':memory:' || file.includes('\0'))
    throw invalid('backup takes the path of the file to be made')
  assertReadOptions(options)
  const { onProgress, overwrite } = options
  if (onProgress !== undefined && typeof onProgress !== 'function') throw invalid('onProgress is a function')
  if (overwrite !== undefined && typeof overwrite !== 'boolean') throw invalid('overwrite is true or false')
}

function assertSound({ pages, problems }: CopyCheck, copied: number): void {
  if (problems.length === 0 && pages === copied) return
  const what = problems.length > 0 ? problems.join('; ') : `it has ${pages} pages instead of ${copied}`
  throw new LockkeeperError(
    `The copy is damaged (${what}), and was removed: check the database itself with sqlite3’s integrity_check, and keep the last good backup`,
    { code: 'backup-damaged', stage: 'execute' },
  )
}

async function named(target: BackupTarget): Promise<void> {
  try {
    await target.take()
  } catch (cause) {
    if (isLockkeeperError(cause)) throw cause
    throw new LockkeeperError(
      `The copy could not be given the name ${target.file}: look at the folder and its disk, and begin another backup`,
      { code: 'backup-failed', stage: 'execute', cause },
    )
  }
}

function labelled(error: LockkeeperError, label = 'lockkeeper.backup'): LockkeeperError {
  return new LockkeeperError(error.message, { ...error, cause: error.cause, label })
}

const failure = (message: string, fields: Omit<LockkeeperErrorFields, 'stage'>): LockkeeperError =>
  new LockkeeperError(message, { stage: 'execute', ...fields })

function endingsOf({ deadlineMs, signal }: BackupOptions) {
  return {
    overdue: () =>
      failure(
        `The backup was not done within its ${deadlineMs} ms, and nothing of it is left: give it longer`,
        {
          code: 'deadline-exceeded',
          retryable: true,
        },
      ),
    aborted: () =>
      failure('The backup was ended by its signal, and nothing of it is left', {
        code: 'aborted',
        cause: signal?.reason,
      }),
  }
}

const asRefusal = ({ message, code, cause }: LockkeeperError): LockkeeperError =>
  new LockkeeperError(message, { code, stage: 'admission', cause })

const alreadyRunning = (): LockkeeperError =>
  failure('Another backup of this database is under way: wait for it', {
    code: 'backup-running',
    retryable: true,
  })

const threadLost = (): LockkeeperError =>
  failure(
    'The writer’s thread is not there to make the backup: begin another one, once it has been replaced',
    {
      code: 'thread-lost',
      retryable: true,
    },
  )

function ignore(): void {}
