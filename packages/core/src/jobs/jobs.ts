import { nanoid } from 'nanoid'
import type { Clock } from '../clock.ts'
import type { Ticket } from '../mailbox/ticket.ts'
import type { JobProcedure } from '../procedures/define.ts'
import type { ProcedureKinds } from '../procedures/load.ts'
import type { JobsOf, ProcedureModules } from '../procedures/reference.ts'
import { DrivenJob, type Job } from './driven-job.ts'
import type { JobOrder, JobState } from './job-state.ts'

export interface JobOptions {
  /**
   * Names the job for good: a start with the id of a job that runs joins it, and with the id of one that has ended answers
   * with its result. Default: a random one.
   */
  readonly id?: string | undefined
}

/** `db.jobs.start.<module>.<job>(input, options)`. */
export type JobStarts<Modules extends ProcedureModules> = {
  readonly [Name in keyof Modules]: {
    readonly [P in keyof JobsOf<Modules>[Name]]: JobsOf<Modules>[Name][P] extends JobProcedure<
      infer Input,
      infer Output
    >
      ? (input: Input, options?: JobOptions) => Job<Output>
      : never
  }
}

export interface Jobs<Modules extends ProcedureModules> {
  readonly start: JobStarts<Modules>
  /** Jobs that have not ended, those of earlier runs of the process among them, oldest first. */
  list(): readonly Job[]
}

export interface JobKeeperParts {
  readonly send: (order: JobOrder, procedure: string) => Ticket<JobState>
  readonly clock: Clock
  readonly procedures: ProcedureKinds
}

/** The jobs of an open database: goes on with those left unfinished, starts new ones. */
export class JobKeeper {
  readonly #parts: JobKeeperParts
  readonly #jobs = new Map<string, DrivenJob>()

  constructor(parts: JobKeeperParts, unfinished: readonly JobState[]) {
    this.#parts = parts
    for (const state of unfinished) {
      const known = parts.procedures.get(state.procedure) === 'job'
      this.#keep(known ? state : { ...state, status: 'blocked' }).drive()
    }
  }

  list(): readonly Job[] {
    return [...this.#jobs.values()]
  }

  start(procedure: string, input: unknown, { id = nanoid() }: JobOptions = {}): Job {
    const running = this.#jobs.get(id)
    if (running !== undefined && running.procedure === procedure) return running
    const state: JobState = {
      id,
      procedure,
      status: 'running',
      steps: 0,
      done: undefined,
      total: undefined,
      output: undefined,
      error: undefined,
    }
    const job = running === undefined ? this.#keep(state) : this.#make(state)
    job.begin(input)
    return job
  }

  #keep(state: JobState): DrivenJob {
    const job = this.#make(state)
    this.#jobs.set(state.id, job)
    return job
  }

  #make(state: JobState): DrivenJob {
    return new DrivenJob(state, {
      clock: this.#parts.clock,
      send: (order) => this.#parts.send(order, state.procedure),
      onEnd: (job) => {
        if (this.#jobs.get(job.id) === job) this.#jobs.delete(job.id)
      },
    })
  }
}
