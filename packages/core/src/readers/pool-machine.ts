import { type ActorRef, assign, type DoneActorEvent, enqueueActions, type Snapshot, setup } from 'xstate'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import type { ReadDesk } from './desk.ts'
import { type ReaderCommand, type ReaderNotice, readerMachine } from './reader-machine.ts'
import type { ReaderSeat } from './seat.ts'
import { stoppedReaders } from './stopped-readers.ts'

/** What the read pool tells its supervisor. */
export type PoolNotice =
  | { readonly type: 'pool.ready' }
  | { readonly type: 'pool.reader-lost'; readonly cause: LockkeeperError }
  | { readonly type: 'pool.stopped'; readonly error: LockkeeperError }

export interface PoolInput {
  /** The app thread's side of the pool: the queue and the seats. Opaque to the machine. */
  readonly desk: ReadDesk
  readonly supervisor?: ActorRef<Snapshot<unknown>, PoolNotice> | undefined
}

export interface PoolContext extends PoolInput {
  /** Readers that are neither stopped nor closed. */
  readonly alive: number
  readonly lastError: LockkeeperError | undefined
  readonly deadlineMs: number
}

type PoolEvent =
  | ReaderNotice
  | DoneActorEvent
  /** A reader was given up, and another takes its place. */
  | { readonly type: 'seat'; readonly seat: ReaderSeat }
  | { readonly type: 'close'; readonly deadlineMs: number }

/** The read pool: one reader actor for each seat. It serves as long as one of them lives. */
export const poolMachine = setup({
  types: { input: {} as PoolInput, context: {} as PoolContext, events: {} as PoolEvent },
  actors: { reader: readerMachine },
  guards: { noneLeft: ({ context }) => context.alive === 0 },
  actions: {
    spawnReaders: enqueueActions(({ context, enqueue, self }) => {
      for (const seat of context.desk.seats) {
        const { name } = seat
        const isServing = (): boolean => self.getSnapshot().value === 'serving'
        enqueue.spawnChild('reader', { id: name, systemId: name, input: { seat, pool: self, isServing } })
      }
    }),
    spawnReader: enqueueActions(({ enqueue, self }, seat: ReaderSeat) => {
      const { name } = seat
      const isServing = (): boolean => self.getSnapshot().value === 'serving'
      enqueue.spawnChild('reader', { id: name, systemId: name, input: { seat, pool: self, isServing } })
    }),
    /** The desk asks for a reader where it has to replace one. */
    listen: ({ context, self }) => context.desk.onSeat((seat) => self.send({ type: 'seat', seat })),
    stopListening: ({ context }) => context.desk.onSeat(undefined),
    closeReaders: enqueueActions(({ context, enqueue, system }) => {
      for (const { name } of [...context.desk.seats, ...context.desk.retired]) {
        const reader = system.get(name)
        if (reader !== undefined)
          enqueue.sendTo(reader as ActorRef<Snapshot<unknown>, ReaderCommand>, {
            type: 'close',
            deadlineMs: context.deadlineMs,
          })
      }
    }),
    countOut: assign({ alive: ({ context }) => context.alive - 1 }),
    refuseAll: ({ context }, error: LockkeeperError) => context.desk.refuse(error),
    notify: enqueueActions(({ context, enqueue }, notice: PoolNotice) => {
      if (context.supervisor !== undefined) enqueue.sendTo(context.supervisor, notice)
    }),
  },
}).createMachine({
  id: 'read-pool',
  context: ({ input }) => ({ ...input, alive: input.desk.seats.length, lastError: undefined, deadlineMs: 0 }),
  entry: ['spawnReaders', 'listen'],
  initial: 'opening',
  on: {
    'reader.lost': {
      actions: { type: 'notify', params: ({ event }) => ({ type: 'pool.reader-lost', cause: event.cause }) },
    },
    'reader.stopped': { actions: assign({ lastError: ({ event }) => event.error }) },
    'xstate.done.actor.*': { actions: 'countOut' },
    seat: {
      actions: [
        assign({ alive: ({ context }) => context.alive + 1 }),
        { type: 'spawnReader', params: ({ event }) => event.seat },
      ],
    },
    close: { target: '.closing', actions: assign({ deadlineMs: ({ event }) => event.deadlineMs }) },
  },
  states: {
    opening: {
      always: { guard: 'noneLeft', target: 'stopped' },
      on: {
        'reader.ready': { target: 'serving', actions: { type: 'notify', params: { type: 'pool.ready' } } },
      },
    },
    serving: { always: { guard: 'noneLeft', target: 'stopped' } },
    stopped: {
      entry: [
        { type: 'refuseAll', params: ({ context }) => stoppedReaders(context.lastError) },
        {
          type: 'notify',
          params: ({ context }) => ({ type: 'pool.stopped', error: stoppedReaders(context.lastError) }),
        },
      ],
      on: { close: 'closed' },
    },
    closing: {
      entry: ['stopListening', { type: 'refuseAll', params: () => closedError() }, 'closeReaders'],
      always: { guard: 'noneLeft', target: 'closed' },
    },
    closed: { type: 'final' },
  },
})

function closedError(): LockkeeperError {
  return new LockkeeperError('The database is closed: open it again to read', {
    code: 'closed',
    stage: 'read',
  })
}
