import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

/**
 * Who runs a query. `queue`: one queue for all, from which a worker takes the next query when it is done with its last one, as
 * better-sqlite3’s documentation does it (docs/threads.md). `round robin`: workers take turns, whatever they are at.
 */
export type Dispatch = 'queue' | 'round robin'

interface Query {
  readonly sql: string
  readonly parameters: readonly unknown[]
}

/** What crosses to a worker. */
export type ToPoolThread = Query | 'leave'

interface Job {
  readonly query: Query
  readonly resolve: (rows: unknown[]) => void
}

/** Worker threads with a connection each, and one message for each query. */
export class WorkerPool {
  readonly #dispatch: Dispatch
  readonly #members: readonly Member[]
  #queue: Job[] = []
  #turn = 0

  private constructor(dispatch: Dispatch, members: readonly Member[]) {
    this.#dispatch = dispatch
    this.#members = members
    for (const member of members) member.onIdle = () => this.#drain()
  }

  static async start(dispatch: Dispatch, size: number, folder: string): Promise<WorkerPool> {
    const entry = new URL('./pool-thread.ts', import.meta.url)
    const workers = Array.from({ length: size }, () => new Worker(entry, { workerData: folder }))
    await Promise.all(workers.map((worker) => once(worker, 'message')))
    return new WorkerPool(
      dispatch,
      workers.map((worker) => new Member(worker)),
    )
  }

  all(sql: string, parameters: readonly unknown[]): Promise<unknown[]> {
    return new Promise((resolve) => {
      const job: Job = { query: { sql, parameters }, resolve }
      if (this.#dispatch === 'round robin') {
        this.#members[this.#turn++ % this.#members.length]?.take(job)
        return
      }
      this.#queue.push(job)
      this.#drain()
    })
  }

  async leave(): Promise<void> {
    await Promise.all(this.#members.map((member) => member.leave()))
  }

  #drain(): void {
    for (const member of this.#members) {
      if (this.#queue.length === 0) return
      if (member.isIdle) member.take(this.#queue.shift() as Job)
    }
  }
}

/** One worker. It answers in the order in which it was asked; a query that fails ends the trial with its error. */
class Member {
  readonly #worker: Worker
  readonly #jobs: Job[] = []
  onIdle: () => void = () => {}

  constructor(worker: Worker) {
    this.#worker = worker
    worker.on('message', (rows: unknown[]) => {
      this.#jobs.shift()?.resolve(rows)
      if (this.isIdle) this.onIdle()
    })
  }

  get isIdle(): boolean {
    return this.#jobs.length === 0
  }

  take(job: Job): void {
    this.#jobs.push(job)
    this.#worker.postMessage(job.query satisfies ToPoolThread)
  }

  async leave(): Promise<void> {
    this.#worker.postMessage('leave' satisfies ToPoolThread)
    await once(this.#worker, 'exit')
  }
}
