import type { ProcedureReference } from '@lockkeeper/core'
import { type ActorRefFrom, setup } from 'xstate'
import { hostedBy, type WriterDatabase } from '../store/hosted-by.ts'
import type { PeerNote } from './peer-note.ts'
import { PeerWriter } from './peer-writer.ts'
import type { PeerHearsay, PeerSighting } from './types.ts'

export interface PeerWriterActorInput {
  /** The database that is written to: it drains the actor when it closes, and counts what it drops. */
  readonly db: WriterDatabase
  /** Writes notes: `db.procedure.peers.upsertMany`. */
  readonly flush: ProcedureReference<PeerNote[], number>
}

export type PeerWriterActorEvent =
  | { readonly type: 'saw'; readonly sighting: PeerSighting }
  | { readonly type: 'heardOf'; readonly rows: readonly PeerHearsay[]; readonly heardAt: number }
  | { readonly type: 'refusedBlobs'; readonly id: string; readonly count: number }

/**
 * The peer writer for an actor system of one's own. Its coalescer becomes a child of it, with the system id `peer-writer`, and
 * shows there how it gathers, flushes and backs off.
 *
 * An event costs some 3 µs, and much more while an inspector watches. Where thousands come in a second, report to
 * `snapshot.context.writer` instead: the same, without the event.
 *
 * @example
 * const app = setup({ actors: { peers: peerWriterActor } }).createMachine({
 *   invoke: { src: 'peers', id: 'peers', input: { db, flush: db.procedure.peers.upsertMany } },
 *   on: { met: { actions: sendTo('peers', ({ event }) => ({ type: 'saw', sighting: event.sighting })) } },
 * })
 */
export const peerWriterActor = setup({
  types: {
    input: {} as PeerWriterActorInput,
    context: {} as { readonly writer: PeerWriter },
    events: {} as PeerWriterActorEvent,
  },
  actions: {
    noteSighting: ({ context }, sighting: PeerSighting) => context.writer.sawPeer(sighting),
    noteHearsay: ({ context }, { rows, heardAt }: { rows: readonly PeerHearsay[]; heardAt: number }) =>
      context.writer.heardOfPeers(rows, heardAt),
    noteRefusals: ({ context }, { id, count }: { id: string; count: number }) =>
      context.writer.refusedBlobs(id, count),
  },
}).createMachine({
  id: 'peers',
  context: ({ input: { db, flush }, spawn }) => ({
    writer: new PeerWriter({ host: hostedBy(spawn, db), flush }),
  }),
  initial: 'open',
  states: {
    open: {
      on: {
        saw: { actions: { type: 'noteSighting', params: ({ event }) => event.sighting } },
        heardOf: { actions: { type: 'noteHearsay', params: ({ event }) => event } },
        refusedBlobs: { actions: { type: 'noteRefusals', params: ({ event }) => event } },
      },
    },
  },
})

export type PeerWriterActor = ActorRefFrom<typeof peerWriterActor>
