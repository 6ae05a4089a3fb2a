/** What a job is doing. `blocked`: its procedure is not among those loaded, so it waits for an app that has it. */
export type JobStatus = 'running' | 'paused' | 'blocked' | 'done' | 'failed' | 'cancelled'

/** A job as its row tells it. */
export interface JobState {
  readonly id: string
  /** `module.procedure`. */
  readonly procedure: string
  readonly status: JobStatus
  /** Steps committed since it was started. */
  readonly steps: number
  /** As the last yield said; whatever unit the job counts in. */
  readonly done: number | undefined
  readonly total: number | undefined
  /** What the job returned, once `done`. */
  readonly output: unknown
  /** Why it failed, once `failed`. */
  readonly error: string | undefined
}

/** What the app's thread asks about a job, each inside a transaction of the writer. */
export type JobOrder =
  | { readonly order: 'start'; readonly id: string; readonly procedure: string; readonly input: unknown }
  | { readonly order: 'step'; readonly id: string }
  | { readonly order: 'pause' | 'resume' | 'cancel'; readonly id: string }
  | { readonly order: 'fail'; readonly id: string; readonly error: string }
