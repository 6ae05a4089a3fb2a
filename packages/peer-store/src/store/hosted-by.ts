import type { CoalescerHost } from '@lockkeeper/core'

/** What a writer in an actor system of one's own needs of its database: to be drained before that closes, what it counts told. */
export type WriterDatabase = Omit<CoalescerHost, 'spawn'>

type Spawn = Pick<CoalescerHost, 'spawn'>

/** A host that goes its own way in what is given, and else is the one it stands before: whatever that counts reaches it whole. */
export function before(host: WriterDatabase, own: Spawn & Partial<CoalescerHost>): CoalescerHost {
  return {
    beforeClose: (...end) => host.beforeClose(...end),
    countDropped: (...told) => host.countDropped?.(...told),
    countCoalesced: (...told) => host.countCoalesced?.(...told),
    ...own,
  }
}

/** A host whose actors are children of the machine that has this `spawn`; the rest is the database's. */
export function hostedBy(spawn: unknown, db: WriterDatabase): CoalescerHost {
  return before(db, { spawn: spawn as CoalescerHost['spawn'] })
}
