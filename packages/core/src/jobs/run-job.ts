import type { Connection } from '../engine/port.ts'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import type { JobStep, JobYield, WriteTransaction } from '../procedures/define.ts'
import { type ProcedureTable, procedureOf } from '../procedures/load.ts'
import {
  assertInTransaction,
  asyncProcedure,
  isPromiseLike,
  TransactionHandle,
  type Urgency,
} from '../procedures/transaction.ts'
import type { JobOrder, JobState } from './job-state.ts'
import { JobTable, type StoredJob } from './job-table.ts'

/** A generator between two steps. */
interface LiveJob {
  readonly generator: Generator<JobYield, unknown, void>
  readonly step: RenewableStep
  /** Steps that are behind it. Where the row tells another number, the file knows something that it does not. */
  steps: number
}

/** What a job's body holds: the same object throughout, with the transaction of the step that runs. */
class RenewableStep implements JobStep {
  readonly cursor: unknown
  #tx: WriteTransaction | undefined

  constructor(cursor: unknown) {
    this.cursor = cursor
  }

  get tx(): WriteTransaction {
    if (this.#tx === undefined) throw new Error('A job’s body ran outside its step')
    return this.#tx
  }

  renew(tx: WriteTransaction): void {
    this.#tx = tx
  }
}

/**
 * Carries out job orders on the writer's connection. A job's cursor is stored in the transaction that holds the step's
 * writes, so that each step happens exactly once, whatever dies in between. A generator can't go back: after a rollback it
 * is thrown away, and the next step makes a new one from the stored cursor; and so it is when another process has driven the
 * job in the meantime.
 */
export class JobRunner {
  readonly #connection: Connection
  readonly #procedures: ProcedureTable
  readonly #urgency: Urgency
  readonly #table: JobTable
  readonly #live = new Map<string, LiveJob>()

  constructor(connection: Connection, procedures: ProcedureTable, urgency: Urgency) {
    this.#connection = connection
    this.#procedures = procedures
    this.#urgency = urgency
    this.#table = new JobTable(connection)
  }

  unfinished(): readonly JobState[] {
    return this.#table.unfinished()
  }

  /** A transaction was rolled back: what generators remember of it never happened. */
  forget(): void {
    this.#live.clear()
  }

  run(order: JobOrder): JobState {
    if (order.order === 'start') {
      procedureOf(this.#procedures, order.procedure, 'job')
      this.#table.insert(order.id, order.procedure, order.input)
      return this.#assertSameProcedure(order.id, order.procedure)
    }
    if (order.order === 'step') return this.#step(this.#stored(order.id))
    if (order.order === 'resume') this.#assertKnown(this.#stored(order.id).state)
    if (order.order === 'fail') this.#table.setStatus(order.id, 'failed', order.error)
    else this.#table.setStatus(order.id, statuses[order.order])
    if (order.order !== 'resume') this.#live.delete(order.id)
    return this.#stored(order.id).state
  }

  #step(stored: StoredJob): JobState {
    const { id, status, procedure } = stored.state
    if (status !== 'running') {
      this.#live.delete(id)
      return stored.state
    }
    const job = this.#liveAt(stored) ?? this.#revive(stored)
    const handle = new TransactionHandle(this.#connection, undefined, this.#urgency)
    job.step.renew(handle)
    try {
      const turn = job.generator.next()
      assertInTransaction(this.#connection, `The job ${procedure}`)
      if (isPromiseLike(turn)) throw asyncProcedure(procedure, turn)
      if (turn.done === true) {
        if (isPromiseLike(turn.value)) throw asyncProcedure(procedure, turn.value)
        this.#table.finish(id, turn.value)
        this.#live.delete(id)
      } else {
        const { cursor, done, total } = asYield(procedure, turn.value)
        this.#table.advance(id, cursor, done, total)
        job.steps++
      }
    } catch (thrown) {
      this.#live.delete(id)
      throw thrown
    } finally {
      handle.end()
    }
    return this.#stored(id).state
  }

  #liveAt({ state }: StoredJob): LiveJob | undefined {
    const job = this.#live.get(state.id)
    return job?.steps === state.steps ? job : undefined
  }

  #revive({ state, input, cursor }: StoredJob): LiveJob {
    const { body } = procedureOf(this.#procedures, state.procedure, 'job')
    const step = new RenewableStep(cursor)
    const job = { generator: body(step, input as never), step, steps: state.steps }
    this.#live.set(state.id, job)
    return job
  }

  #stored(id: string): StoredJob {
    const stored = this.#table.find(id)
    if (stored !== undefined) return stored
    throw new LockkeeperError(`There is no job ${id}: it ended long ago, or was never started`, {
      code: 'unknown-job',
      stage: 'execute',
      outcome: 'not-stored',
    })
  }

  /** Resumed where its procedure is missing, a job would fail for good at its next step. */
  #assertKnown({ id, procedure }: JobState): void {
    if (this.#procedures.get(procedure)?.kind === 'job') return
    throw new LockkeeperError(
      `The job ${id} cannot be resumed: its procedure ${procedure} is unknown to this app. Open the database with the module that has it; until then pause or cancel the job`,
      { code: 'invalid-argument', stage: 'execute', outcome: 'not-stored' },
    )
  }

  #assertSameProcedure(id: string, procedure: string): JobState {
    const { state } = this.#stored(id)
    if (state.procedure === procedure) return state
    throw new LockkeeperError(
      `The job ${id} was started as ${state.procedure}, not ${procedure}: give each job an id of its own`,
      { code: 'invalid-argument', stage: 'execute', outcome: 'not-stored' },
    )
  }
}

const statuses = { pause: 'paused', resume: 'running', cancel: 'cancelled' } as const

function asYield(procedure: string, value: unknown): JobYield {
  if (typeof value === 'object' && value !== null && 'cursor' in value) {
    const { cursor, done, total } = value as JobYield
    const fits = (count: unknown): boolean => count === undefined || typeof count === 'number'
    if (fits(done) && fits(total)) return { cursor, done, total }
  }
  throw new LockkeeperError(
    `The job ${procedure} yielded something else than { cursor, done?, total? }: yield where it may go on from`,
    { code: 'invalid-argument', stage: 'execute', outcome: 'not-stored' },
  )
}
