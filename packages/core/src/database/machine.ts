import {
  type AnyActorLogic,
  assign,
  type DoneActorEvent,
  type ErrorActorEvent,
  emit,
  enqueueActions,
  not,
  setup,
} from 'xstate'
import { systemClock } from '../clock.ts'
import { errorFromThrown } from '../errors/from-sqlite.ts'
import { isLockkeeperError, type LockkeeperError } from '../errors/lockkeeper-error.ts'
import type { ReadDesk } from '../readers/desk.ts'
import { type PoolNotice, poolMachine } from '../readers/pool-machine.ts'
import type { GovernorDesk } from '../wal/governor-desk.ts'
import { governorMachine } from '../wal/governor-machine.ts'
import type { WriterParts } from '../writer/assemble.ts'
import { writerMachine } from '../writer/machine.ts'
import type { WriterNotice } from '../writer/notice.ts'

export interface DatabaseInput {
  readonly writer: WriterParts
  readonly readDesk: ReadDesk
  /** Undefined where nobody is to govern the log. */
  readonly governor: GovernorDesk | undefined
}

export interface DatabaseContext extends DatabaseInput {
  readonly hasPool: boolean
  readonly hasGovernor: boolean
  readonly canRead: boolean
  readonly canWrite: boolean
  readonly error: LockkeeperError | undefined
  /** When the time to drain is over. */
  readonly closesAtMs: number
}

/** What `openDatabase` listens to. */
export type DatabaseNotice =
  | { readonly type: 'actor-failed'; readonly systemId: string; readonly cause: unknown }
  | { readonly type: 'readers-stopped'; readonly error: LockkeeperError }
  | {
      readonly type: 'thread-restarted'
      readonly thread: 'writer' | 'reader'
      readonly cause: LockkeeperError
    }
  | { readonly type: 'migrating'; readonly name: string; readonly done: number; readonly total: number }
  | { readonly type: 'writer-stopped'; readonly error: LockkeeperError }
  | { readonly type: 'degraded'; readonly error: LockkeeperError }
  | { readonly type: 'recovered'; readonly from: LockkeeperError }

export type DatabaseEvent =
  | WriterNotice
  | PoolNotice
  | DoneActorEvent
  | ErrorActorEvent
  | {
      readonly type: 'spawn'
      readonly logic: AnyActorLogic
      readonly systemId: string
      readonly input: unknown
    }
  | { readonly type: 'close'; readonly deadlineMs: number }

/**
 * The supervisor: opens the writer first, which brings the file up to date, then the readers. Reads outlive writes: while
 * the writer is suspended, or once it has stopped for good, the database is `degraded`, not closed (promise 17).
 */
export const databaseMachine = setup({
  types: {
    input: {} as DatabaseInput,
    context: {} as DatabaseContext,
    events: {} as DatabaseEvent,
    emitted: {} as DatabaseNotice,
  },
  actors: { writer: writerMachine, pool: poolMachine, governor: governorMachine },
  guards: {
    cannotRead: ({ context }) => !context.canRead,
    hasGovernor: ({ context }) => context.hasGovernor,
    cannotWrite: ({ context }) => !context.canWrite,
    isOwn: ({ event }) => 'actorId' in event && (event.actorId === 'writer' || event.actorId === 'read-pool'),
    isGovernor: ({ event }) => 'actorId' in event && event.actorId === 'wal-governor',
  },
  actions: {
    tellOfFailed: enqueueActions(({ event, enqueue }) => {
      if (!('actorId' in event && 'error' in event)) return
      enqueue.emit({ type: 'actor-failed', systemId: event.actorId, cause: event.error })
    }),
    /** Writes and reads go on; nobody may be held up for the sake of the log by an actor that is no more. */
    loseGovernor: enqueueActions(({ context, enqueue }) => {
      context.governor?.stop()
      enqueue.assign({ hasGovernor: false })
    }),
    keepError: assign({ error: (_, error: LockkeeperError) => error }),
    loseWriter: enqueueActions(({ context, enqueue }, error: LockkeeperError) => {
      // Told once: a suspension ends in a stop, and each new try can meet another fault.
      if (context.canWrite) enqueue.emit({ type: 'degraded', error })
      enqueue.assign({ error, canWrite: false })
    }),
    regainWriter: enqueueActions(({ context, enqueue }) => {
      enqueue.emit({ type: 'recovered', from: context.error ?? brokenActor({ error: undefined }) })
      enqueue.assign({ error: undefined, canWrite: true })
    }),
    tellStopped: emit((_, error: LockkeeperError) => ({ type: 'writer-stopped' as const, error })),
    spawnPool: enqueueActions(({ context, enqueue, self }) => {
      enqueue.spawnChild('pool', {
        id: 'read-pool',
        systemId: 'read-pool',
        input: { desk: context.readDesk, supervisor: self },
      })
    }),
    spawnGovernor: enqueueActions(({ context, enqueue }) => {
      const { governor } = context
      if (governor === undefined) return
      enqueue.spawnChild('governor', {
        id: 'wal-governor',
        systemId: 'wal-governor',
        input: { desk: governor },
      })
      enqueue.assign({ hasGovernor: true })
    }),
    spawnGuest: enqueueActions(({ enqueue, event }) => {
      if (event.type !== 'spawn') return
      enqueue.spawnChild(event.logic as never, {
        id: event.systemId,
        systemId: event.systemId,
        input: event.input as never,
      })
    }),
    abandonAll: ({ context }) => {
      const error = context.error ?? brokenActor({ error: undefined })
      context.writer.desk.abandon(error)
      context.readDesk.refuse(error)
    },
    keepDeadline: assign({ closesAtMs: (_, deadlineMs: number) => systemClock.now() + deadlineMs }),
    closeWriter: enqueueActions(({ context, enqueue }) => {
      const deadlineMs = Math.max(0, context.closesAtMs - systemClock.now())
      enqueue.sendTo('writer', { type: 'close', deadlineMs })
    }),
    closeGovernor: enqueueActions(({ context, enqueue }) => {
      const deadlineMs = Math.max(0, context.closesAtMs - systemClock.now())
      enqueue.sendTo('wal-governor', { type: 'close', deadlineMs })
    }),
    closePool: enqueueActions(({ context, enqueue }) => {
      const deadlineMs = Math.max(0, context.closesAtMs - systemClock.now())
      enqueue.sendTo('read-pool', { type: 'close', deadlineMs })
    }),
  },
}).createMachine({
  id: 'database',
  context: ({ input }) => ({
    ...input,
    hasPool: false,
    hasGovernor: false,
    canRead: true,
    canWrite: true,
    error: undefined,
    closesAtMs: 0,
  }),
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
    'xstate.error.actor.*': [
      {
        guard: 'isOwn',
        target: '.failed',
        actions: [{ type: 'keepError', params: ({ event }) => brokenActor(event) }, 'abandonAll'],
      },
      { guard: 'isGovernor', actions: ['loseGovernor', 'tellOfFailed'] },
      { actions: 'tellOfFailed' },
    ],
    'pool.stopped': {
      actions: [
        assign({ canRead: false }),
        emit(({ event }) => ({ type: 'readers-stopped', error: event.error })),
      ],
    },
    'writer.refused': {
      target: '.failed',
      actions: { type: 'keepError', params: ({ event }) => event.error },
    },
    'writer.suspended': { actions: { type: 'loseWriter', params: ({ event }) => event.error } },
    'writer.recovered': { actions: 'regainWriter' },
    'writer.stopped': {
      actions: [
        { type: 'loseWriter', params: ({ event }) => event.error },
        { type: 'tellStopped', params: ({ event }) => event.error },
      ],
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
        'pool.ready': [
          { guard: 'cannotWrite', target: 'degraded', actions: 'spawnGovernor' },
          { target: 'ready', actions: 'spawnGovernor' },
        ],
        'pool.stopped': {
          target: 'failed',
          actions: { type: 'keepError', params: ({ event }) => whyNoReader(event.error) },
        },
      },
    },
    // What the writer tells is dealt with above; these follow what came of it.
    ready: {
      always: { guard: 'cannotWrite', target: 'degraded' },
      on: {
        close: {
          target: 'closing',
          actions: { type: 'keepDeadline', params: ({ event }) => event.deadlineMs },
        },
      },
    },
    degraded: {
      always: [
        { guard: 'cannotRead', target: 'failed' },
        { guard: not('cannotWrite'), target: 'ready' },
      ],
      on: {
        close: {
          target: 'closing',
          actions: { type: 'keepDeadline', params: ({ event }) => event.deadlineMs },
        },
      },
    },
    failed: {
      on: {
        'writer.recovered': { guard: 'cannotWrite', target: 'ready', actions: 'regainWriter' },
        close: {
          target: 'closing',
          actions: { type: 'keepDeadline', params: ({ event }) => event.deadlineMs },
        },
      },
    },
    // Readers leave first, while the writer drains, and the governor last: the last connection to close copies the log into the
    // file and removes it, and only one that may write can (https://www.sqlite.org/wal.html, “The WAL file”).
    closing: {
      entry: enqueueActions(({ context, enqueue }) => {
        enqueue(context.hasPool ? 'closePool' : 'closeWriter')
      }),
      on: {
        'xstate.done.actor.read-pool': { actions: 'closeWriter' },
        'xstate.done.actor.writer': [
          { guard: 'hasGovernor', actions: 'closeGovernor' },
          { target: 'closed' },
        ],
        'xstate.done.actor.wal-governor': 'closed',
        'xstate.error.actor.wal-governor': { target: 'closed', actions: ['loseGovernor', 'tellOfFailed'] },
      },
    },
    closed: { type: 'final' },
  },
})

/** An opening that fails for want of readers tells why they could not open the file: nothing has been opened that could be closed. */
function whyNoReader(stopped: LockkeeperError): LockkeeperError {
  return isLockkeeperError(stopped.cause) ? stopped.cause : stopped
}

function brokenActor({ error }: { readonly error: unknown }): LockkeeperError {
  return errorFromThrown(error, { stage: 'execute' })
}
