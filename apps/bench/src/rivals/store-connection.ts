import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { ConnectionSettings } from './raw-connection.ts'
import { StoreError } from './store.ts'

export interface StoreThreadData {
  readonly folder: string
  readonly settings: ConnectionSettings
  /** URL of the module with the work. */
  readonly module: string
}

export type ToStoreThread =
  | { readonly kind: 'read' | 'write'; readonly sql: string; readonly parameters: readonly unknown[] }
  /** One transaction, begun by BEGIN IMMEDIATE. */
  | { readonly kind: 'peer' | 'blob'; readonly items: readonly unknown[] }
  | { readonly kind: 'checkpoint'; readonly mode: CheckpointMode }

export type FromStoreThread =
  | { readonly rows: unknown[] }
  | { readonly failure: string; readonly code: string | undefined }

export type CheckpointMode = 'passive' | 'truncate'

interface Waiting {
  readonly resolve: (rows: unknown[]) => void
  readonly reject: (error: Error) => void
}

/** A connection on a thread of its own. Whoever has borrowed it asks one thing at a time. */
export class StoreConnection {
  readonly #worker: Worker
  #waiting: Waiting | undefined

  private constructor(worker: Worker) {
    this.#worker = worker
    worker.on('message', (answer: FromStoreThread) => this.#settle(answer))
    worker.on('error', (error: Error) => this.#take()?.reject(error))
  }

  static async start(data: StoreThreadData): Promise<StoreConnection> {
    const worker = new Worker(new URL('./store-thread.ts', import.meta.url), { workerData: data })
    await once(worker, 'message')
    return new StoreConnection(worker)
  }

  /** @throws StoreError */
  ask(message: ToStoreThread): Promise<unknown[]> {
    if (this.#waiting !== undefined) throw new Error('A connection was lent twice at the same time')
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.#worker.postMessage(message)
    })
  }

  async leave(): Promise<void> {
    this.#worker.postMessage('leave')
    await once(this.#worker, 'exit')
  }

  #settle(answer: FromStoreThread): void {
    const waiting = this.#take()
    if ('rows' in answer) waiting?.resolve(answer.rows)
    else waiting?.reject(new StoreError(answer.failure, answer.code))
  }

  /** Nobody waits any more when the answer is handed over, so that who gets it may ask again. */
  #take(): Waiting | undefined {
    const waiting = this.#waiting
    this.#waiting = undefined
    return waiting
  }
}
