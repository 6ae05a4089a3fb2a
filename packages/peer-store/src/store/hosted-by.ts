import type { CoalescerHost } from '@lockkeeper/core'

/** What a writer in an actor system of one's own needs of its database: to be drained before that closes, its losses told. */
export type WriterDatabase = Pick<CoalescerHost, 'beforeClose' | 'countDropped'>

/** A host whose actors are children of the machine that has this `spawn`; the rest is the database's. */
export function hostedBy(spawn: unknown, db: WriterDatabase): CoalescerHost {
  return {
    spawn: spawn as CoalescerHost['spawn'],
    beforeClose: (drain, undelivered) => db.beforeClose(drain, undelivered),
    countDropped: (label, cause, count) => db.countDropped?.(label, cause, count),
  }
}
