import type { Clock } from '../clock.ts'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { jobRetryPauseMs } from '../limits.ts'
import type { Ticket } from '../mailbox/ticket.ts'
import type { JobOrder, JobState, JobStatus } from './job-state.ts'

/** How far a job is. */
export type JobProgress = Pick<JobState, 'steps' | 'done' | 'total'>

/**
 * A job under way. Await it for what it returns; or don't, it goes on by itself, across restarts of the process too.
 *
 * @example
 * const reindexing = db.jobs.start.peers.reindex({ from: 0 }, { id: 'reindex-7' })
 * reindexing.on('progress', ({ done }) => console.log(done))
 */
export interface Job<Output = unknown> extends PromiseLike<Output> {
  readonly id: string
  /** `module.procedure`. */
  readonly procedure: string
  readonly status: JobStatus
  readonly progress: JobProgress
  /** Stops after the step that runs; it stays stopped across restarts, until resumed. */
  pause(): Promise<void>
  resume(): Promise<void>
  /** Ends the job after the step that runs. What its steps have written stays. Whoever awaits it gets `aborted`. */
  cancel(): Promise<void>
  /** Told after every committed step. The answer stops listening. */
  on(event: 'progress', listener: (progress: JobProgress) => void): () => void
}

export interface DrivenJobParts {
  readonly send: (order: JobOrder) => Ticket<JobState>
  readonly clock: Clock
  /** It has ended, one way or another. */
  readonly onEnd: (job: DrivenJob) => void
}

/** Drives a job: sends one step at a time, each when the one before is answered, so that others pass in between. */
export class DrivenJob implements Job {
  #state: JobState
  readonly #parts: DrivenJobParts
  readonly #listeners = new Set<(progress: JobProgress) => void>()
  readonly #ended = Promise.withResolvers<unknown>()
  #driving = false

  constructor(state: JobState, parts: DrivenJobParts) {
    this.#state = state
    this.#parts = parts
    // Nobody has to await a job; how it ended can be seen by its status.
    this.#ended.promise.catch(() => {})
  }

  get id(): string {
    return this.#state.id
  }

  get procedure(): string {
    return this.#state.procedure
  }

  get status(): JobStatus {
    return this.#state.status
  }

  get progress(): JobProgress {
    const { steps, done, total } = this.#state
    return { steps, done, total }
  }

  on(_: 'progress', listener: (progress: JobProgress) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  // biome-ignore lint/suspicious/noThenProperty: a job is awaited for what it returns, as a ticket is
  then<Fulfilled = unknown, Rejected = never>(
    onFulfilled?: ((output: unknown) => Fulfilled | PromiseLike<Fulfilled>) | null,
    onRejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected> {
    return this.#ended.promise.then(onFulfilled, onRejected)
  }

  async pause(): Promise<void> {
    this.#update(await this.#parts.send({ order: 'pause', id: this.id }))
  }

  async resume(): Promise<void> {
    this.#update(await this.#parts.send({ order: 'resume', id: this.id }))
    this.drive()
  }

  async cancel(): Promise<void> {
    this.#update(await this.#parts.send({ order: 'cancel', id: this.id }))
  }

  /** Starts it: its row first, then its steps. */
  begin(input: unknown): void {
    const { id, procedure } = this.#state
    void this.#parts.send({ order: 'start', id, procedure, input }).then(
      (state) => {
        this.#update(state)
        this.drive()
      },
      (error: LockkeeperError) => this.#end(() => this.#ended.reject(error)),
    )
  }

  drive(): void {
    if (this.#driving || this.status !== 'running') return
    this.#driving = true
    void this.#drive().finally(() => {
      this.#driving = false
    })
  }

  async #drive(): Promise<void> {
    while (this.status === 'running') {
      const ended = await this.#parts.send({ order: 'step', id: this.id }).outcome()
      if ('result' in ended) this.#update(ended.result)
      else if (ended.error.code === 'closed' || ended.error.code === 'writer-stopped') {
        // The row is still there: the next opening goes on.
        this.#end(() => this.#ended.reject(ended.error))
        return
      } else if (ended.error.retryable) await this.#pauseBriefly()
      // A committed step whose answer was lost is a step all the same.
      else if (ended.error.code !== 'result-lost') await this.#giveUp(ended.error)
    }
  }

  async #giveUp(error: LockkeeperError): Promise<void> {
    const told = await this.#parts.send({ order: 'fail', id: this.id, error: error.message }).outcome()
    if ('result' in told) this.#state = told.result
    else this.#state = { ...this.#state, status: 'failed', error: error.message }
    this.#end(() => this.#ended.reject(error))
  }

  #pauseBriefly(): Promise<void> {
    return new Promise((resolve) => {
      this.#parts.clock.setTimeout(resolve, jobRetryPauseMs)
    })
  }

  #update(state: JobState): void {
    const stepped = state.steps !== this.#state.steps
    this.#state = state
    if (stepped) this.#tellProgress()
    if (state.status === 'done') this.#end(() => this.#ended.resolve(state.output))
    else if (state.status === 'cancelled')
      this.#end(() => this.#ended.reject(endedError(state, 'was cancelled', 'aborted')))
    else if (state.status === 'failed') {
      this.#end(() => this.#ended.reject(endedError(state, `failed: ${state.error}`, 'procedure-failed')))
    }
  }

  /** A listener that throws must not stop the job it listens to. */
  #tellProgress(): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(this.progress)
      } catch (thrown) {
        process.emitWarning(thrown instanceof Error ? thrown : String(thrown))
      }
    }
  }

  #end(settle: () => void): void {
    settle()
    this.#parts.onEnd(this)
  }
}

function endedError(
  { id, procedure }: JobState,
  how: string,
  code: 'aborted' | 'procedure-failed',
): LockkeeperError {
  return new LockkeeperError(
    `The job ${id} (${procedure}) ${how}. What its steps wrote before that is stored`,
    {
      code,
      stage: 'execute',
      label: procedure,
    },
  )
}
