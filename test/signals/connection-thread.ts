import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Order, ThreadAnswer, ThreadInput, ThreadReady } from './programs/connection-thread.ts'

/**
 * A connection in a thread of its own.
 *
 * @example
 * await using thread = await ConnectionThread.start(file)
 * await thread.run('begin immediate')
 */
export class ConnectionThread implements AsyncDisposable {
  /** Its id, for `interrupt` and `wake`. */
  readonly connection: number
  readonly #worker: Worker
  readonly #marks: Int32Array

  private constructor(worker: Worker, { connection }: ThreadReady, marks: SharedArrayBuffer) {
    this.connection = connection
    this.#worker = worker
    this.#marks = new Int32Array(marks)
  }

  /** @param waitMs How long it waits for the lock. */
  static async start(file: string, waitMs = 20_000): Promise<ConnectionThread> {
    const marks = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)
    const worker = new Worker(new URL('./programs/connection-thread.ts', import.meta.url), {
      workerData: { file, waitMs, marks } satisfies ThreadInput,
    })
    const [ready] = (await once(worker, 'message')) as [ThreadReady]
    return new ConnectionThread(worker, ready, marks)
  }

  /** How often SQL of its has called the function `mark()`: a way to see that a statement runs. */
  get marks(): number {
    return Atomics.load(this.#marks, 0)
  }

  run(sql: string): Promise<ThreadAnswer> {
    return this.#order({ run: sql })
  }

  /** Writes so many notes, in a transaction each. */
  write(body: string, count: number): Promise<ThreadAnswer> {
    return this.#order({ write: { body, count } })
  }

  close(): Promise<ThreadAnswer> {
    return this.#order({ close: true })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate()
  }

  async #order(order: Order): Promise<ThreadAnswer> {
    const answered = once(this.#worker, 'message')
    this.#worker.postMessage(order)
    const [answer] = (await answered) as [ThreadAnswer]
    return answer
  }
}
