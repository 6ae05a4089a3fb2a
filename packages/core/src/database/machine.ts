import { type AnyActorLogic, assign, type DoneActorEvent, emit, enqueueActions, setup } from 'xstate'
import type { LockkeeperError } from '../errors/lockkeeper-error.ts'
import type { ReadDesk } from '../readers/desk.ts'
import { type PoolNotice, poolMachine } from '../readers/pool-machine.ts'
import type { WriterParts } from '../writer/assemble.ts'
import { type WriterNotice, writerMachine } from '../writer/machine.ts'

export interface DatabaseInput {
  readonly writer: WriterParts
  readonly readDesk: ReadDesk
}

export interface DatabaseContext extends DatabaseInput {
  readonly hasPool: boolean
  readonly error: LockkeeperError | undefined
}

/** What `openDatabase` listens to. */
export type DatabaseNotice =
  | {
      readonly type: 'thread-restarted'
      readonly thread: 'writer' | 'reader'
      readonly cause: LockkeeperError
    }
  | { readonly type: 'migrating'; readonly name: string; readonly done: number; readonly total: number }
  | { readonly type: 'writer-stopped'; readonly error: LockkeeperError }

export type DatabaseEvent =
  | WriterNotice
  | PoolNotice
  | DoneActorEvent
  | {
      readonly type: 'spawn'
      readonly logic: AnyActorLogic
      readonly systemId: string
      readonly input: unknown
    }
  | { readonly type: 'close'; readonly deadlineMs: number }

/**
 * The supervisor: opens the writer first, which brings the file up to date, then the readers. Reads outlive writes: when
 * the writer stops for good the database is `degraded`, not closed (promise 17).
 */
export const databaseMachine = setup({
  types: {
    input: {} as DatabaseInput,
    context: {} as DatabaseContext,
    events: {} as DatabaseEvent,
    emitted: {} as DatabaseNotice,
  },
  actors: { writer: writerMachine, pool: poolMachine },
  guards: { hasPool: ({ context }) => context.hasPool },
  actions: {
    keepError: assign({ error: (_, error: LockkeeperError) => error }),
    spawnPool: enqueueActions(({ context, enqueue, self }) => {
      enqueue.spawnChild('pool', {
        id: 'read-pool',
        systemId: 'read-pool',
        input: { desk: context.readDesk, supervisor: self },
      })
    }),
    spawnGuest: enqueueActions(({ enqueue, event }) => {
      if (event.type !== 'spawn') return
      enqueue.spawnChild(event.logic as never, {
        id: event.systemId,
        systemId: event.systemId,
        input: event.input as never,
      })
    }),
    closeWriter: enqueueActions(({ enqueue }, deadlineMs: number) => {
      enqueue.sendTo('writer', { type: 'close', deadlineMs })
    }),
    closePool: enqueueActions(({ enqueue }) => {
      enqueue.sendTo('read-pool', { type: 'close' })
    }),
  },
}).createMachine({
  id: 'database',
  context: ({ input }) => ({ ...input, hasPool: false, error: undefined }),
  invoke: {
    src: 'writer',
    id: 'writer',
    systemId: 'writer',
    input: ({ context, self }) => ({ writer: context.writer, supervisor: self }),
  },
  initial: 'opening',
  on: {
    spawn: { actions: 'spawnGuest' },
    'writer.lost': {
      actions: emit(({ event }) => ({ type: 'thread-restarted', thread: 'writer', cause: event.cause })),
    },
    'pool.reader-lost': {
      actions: emit(({ event }) => ({ type: 'thread-restarted', thread: 'reader', cause: event.cause })),
    },
    'writer.refused': {
      target: '.failed',
      actions: { type: 'keepError', params: ({ event }) => event.error },
    },
  },
  states: {
    opening: {
      on: {
        'writer.migrating': {
          target: 'migrating',
          actions: emit(({ event }) => ({ ...event, type: 'migrating' })),
        },
        'writer.ready': 'openingReaders',
        'writer.stopped': {
          target: 'failed',
          actions: { type: 'keepError', params: ({ event }) => event.error },
        },
      },
    },
    migrating: {
      on: {
        'writer.migrating': { actions: emit(({ event }) => ({ ...event, type: 'migrating' })) },
        'writer.ready': 'openingReaders',
        'writer.stopped': {
          target: 'failed',
          actions: { type: 'keepError', params: ({ event }) => event.error },
        },
      },
    },
    openingReaders: {
      entry: ['spawnPool', assign({ hasPool: true })],
      on: {
        'pool.ready': 'ready',
        'pool.stopped': {
          target: 'failed',
          actions: { type: 'keepError', params: ({ event }) => event.error },
        },
      },
    },
    ready: {
      on: {
        'writer.stopped': {
          target: 'degraded',
          actions: [
            { type: 'keepError', params: ({ event }) => event.error },
            emit(({ event }) => ({ type: 'writer-stopped', error: event.error })),
          ],
        },
        close: {
          target: 'closing',
          actions: { type: 'closeWriter', params: ({ event }) => event.deadlineMs },
        },
      },
    },
    degraded: {
      on: {
        'pool.stopped': {
          target: 'failed',
          actions: { type: 'keepError', params: ({ event }) => event.error },
        },
        close: {
          target: 'closing',
          actions: { type: 'closeWriter', params: ({ event }) => event.deadlineMs },
        },
      },
    },
    failed: {
      on: {
        close: {
          target: 'closing',
          actions: { type: 'closeWriter', params: ({ event }) => event.deadlineMs },
        },
      },
    },
    closing: {
      on: {
        'writer.closed': [{ guard: 'hasPool', actions: 'closePool' }, { target: 'closed' }],
        'xstate.done.actor.read-pool': 'closed',
      },
    },
    closed: { type: 'final' },
  },
})
