import type { ProcedureReference } from '@lockkeeper/core'
import { type ActorRefFrom, setup } from 'xstate'
import { hostedBy, type WriterDatabase } from '../store/hosted-by.ts'
import type { DomainNote } from './domain-note.ts'
import { DomainWriter } from './domain-writer.ts'
import type { DomainCheck } from './types.ts'

export interface DomainActorInput {
  /** The database that is written to: it drains the actor when it closes, and counts what it drops. */
  readonly db: WriterDatabase
  /** Writes notes: `db.procedure.domains.upsertMany`. */
  readonly flush: ProcedureReference<DomainNote[], number>
}

export interface DomainActorEvent {
  readonly type: 'checked'
  readonly check: DomainCheck
}

/**
 * The domain cache's writer for an actor system of one's own. Its coalescer becomes a child of it, with the system id `domains`.
 *
 * @example
 * const cache = spawn(domainActor, { input: { db, flush: db.procedure.domains.upsertMany } })
 * cache.send({ type: 'checked', check: { name: 'example.com', status: 'ok', checkedAt: Date.now() } })
 */
export const domainActor = setup({
  types: {
    input: {} as DomainActorInput,
    context: {} as { readonly writer: DomainWriter },
    events: {} as DomainActorEvent,
  },
  actions: {
    note: ({ context }, check: DomainCheck) => context.writer.checked(check),
  },
}).createMachine({
  id: 'domain-cache',
  context: ({ input: { db, flush }, spawn }) => ({
    writer: new DomainWriter({ host: hostedBy(spawn, db), flush }),
  }),
  initial: 'open',
  states: {
    open: {
      on: { checked: { actions: { type: 'note', params: ({ event }) => event.check } } },
    },
  },
})

export type DomainActor = ActorRefFrom<typeof domainActor>
