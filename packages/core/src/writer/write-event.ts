import type { CompiledQuery, Statement, WriteOptions } from '../database/types.ts'
import type { JobOrder } from '../jobs/job-state.ts'
import type { Admission } from '../mailbox/admission.ts'
import type { Ticket, TicketOutcome } from '../mailbox/ticket.ts'
import type { MaintenanceTask } from '../maintenance/task.ts'
import type { SqlParameters } from '../procedures/define.ts'

/** A write as an event says it: a statement, an atomic list, many rows, a procedure call, a job's order, or maintenance. */
export type WriteRequest =
  | { readonly sql: string; readonly parameters?: SqlParameters | undefined }
  | CompiledQuery
  | { readonly statements: readonly Statement[] }
  | { readonly sql: string; readonly rows: Iterable<SqlParameters> }
  | { readonly procedure: string; readonly input?: unknown }
  | { readonly job: JobOrder }
  | { readonly maintenance: MaintenanceTask }

/** Whoever wants to know: an actor, as a rule. */
export interface ReplyTo {
  send(event: WriteSettled): void
}

/**
 * Sends a write to the writer's machine, for apps that talk to it in their own actor system.
 *
 * @example
 * writer.send({ type: 'write', write: { procedure: 'peers.upsert', input: peer }, replyTo: self })
 */
export interface WriteEvent {
  readonly type: 'write'
  readonly write: WriteRequest
  readonly options?: WriteOptions | undefined
  /** Told how it ended. Without it a failure is only counted and announced. */
  readonly replyTo?: ReplyTo | undefined
  /** Comes back with the reply. */
  readonly id?: string | number | undefined
}

/** The reply to a write event: its outcome, after COMMIT. */
export interface WriteSettled {
  readonly type: 'write.settled'
  readonly id: string | number | undefined
  readonly outcome: TicketOutcome<unknown>
}

export function admitEvent(admission: Admission, { write, options, replyTo, id }: WriteEvent): void {
  const ticket = admit(admission, write, options)
  // Nobody asks after the ticket itself: without a replyTo its failure is counted and announced as unheard.
  if (replyTo === undefined) return
  void ticket.outcome().then((outcome) => replyTo.send({ type: 'write.settled', id, outcome }))
}

function admit(
  admission: Admission,
  write: WriteRequest,
  options: WriteOptions | undefined,
): Ticket<unknown> {
  if ('statements' in write) return admission.atomic(write.statements, options)
  if ('procedure' in write) return admission.procedure(write.procedure, write.input, options)
  if ('rows' in write) return admission.many(write.sql, write.rows, options)
  if ('job' in write) return admission.job(write.job, write.job.id)
  if ('maintenance' in write) return admission.maintenance(write.maintenance, options)
  return admission.statement(write.sql, write.parameters as SqlParameters | undefined, options)
}
