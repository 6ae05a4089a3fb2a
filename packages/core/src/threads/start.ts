import { type Transferable, Worker } from 'node:worker_threads'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { Ending } from './ending.ts'
import { loadedMessage, type ThreadKinds } from './messages.ts'

/** A running thread, as the app thread holds it. */
export interface Thread<Kind extends keyof ThreadKinds> {
  post(message: ThreadKinds[Kind]['to'], transfer?: readonly ArrayBuffer[]): void
  /** While held, the process stays alive for this thread's sake: only while work is pending. */
  hold(): void
  release(): void
  /**
   * Ends the thread without asking. A statement in SQLite still runs to its end; `onExit` tells when it is over. The process
   * does not wait for it: should it end while the thread is inside a statement, it is ended by SIGKILL, which a database in WAL mode survives.
   */
  terminate(options: { readonly isBusy: boolean }): void
}

export interface ThreadListener<Kind extends keyof ThreadKinds> {
  onMessage(message: ThreadKinds[Kind]['from']): void
  /** Once, when the thread has really gone: only now may another take its place. */
  onExit(cause: LockkeeperError): void
}

/** The entries lie beside this file: as sources in the workspace, compiled in the published package. */
const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js'

export function startThread<Kind extends keyof ThreadKinds>(
  kind: Kind,
  data: ThreadKinds[Kind]['data'],
  listener: ThreadListener<Kind>,
): Thread<Kind> {
  const worker = new Worker(new URL(`./${kind}-thread${extension}`, import.meta.url), {
    workerData: data,
    name: `lockkeeper ${kind}`,
  })
  let failure: unknown
  let gone = false
  const ending = new Ending(() => void worker.terminate())
  worker.on('message', (message: ThreadKinds[Kind]['from'] | typeof loadedMessage) => {
    if (message === loadedMessage) ending.loaded()
    else listener.onMessage(message)
  })
  worker.on('error', (error) => {
    failure = error
  })
  const endProcess = (): void => {
    // Node would wait for the thread's statement to end, for minutes maybe, and nothing else ends a process then.
    if (!gone) process.kill(process.pid, 'SIGKILL')
  }
  worker.on('exit', (code) => {
    gone = true
    process.off('exit', endProcess)
    listener.onExit(lost(kind, code, failure))
  })
  return {
    post: (message, transfer) => worker.postMessage(message, transfer as Transferable[] | undefined),
    hold: () => worker.ref(),
    release: () => worker.unref(),
    terminate: ({ isBusy }) => {
      worker.unref()
      ending.want()
      if (isBusy) process.once('exit', endProcess)
    },
  }
}

function lost(kind: string, code: number, cause: unknown): LockkeeperError {
  const why = cause instanceof Error ? cause.message : `exit code ${code}`
  return new LockkeeperError(`The ${kind}’s thread died (${why})`, {
    code: 'thread-lost',
    stage: 'execute',
    retryable: true,
    cause,
  })
}
