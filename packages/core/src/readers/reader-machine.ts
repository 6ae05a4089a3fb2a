import { type ActorRef, assign, enqueueActions, type Snapshot, setup } from 'xstate'
import { systemClock } from '../clock.ts'
import type { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { leaveMs, threadLeaveMs } from '../limits.ts'
import { faultOf } from '../supervision/faults.ts'
import {
  afterDeath,
  lastRestart,
  mayRestart,
  noRestarts,
  type RestartHistory,
  restartPauseMs,
} from '../supervision/restart-policy.ts'
import { type ThreadFailed, type ThreadLost, threadLogic } from '../threads/thread-actor.ts'
import type { ReaderSeat } from './seat.ts'
import type { ReaderThreadEvent } from './seat-desk.ts'

/** What a reader tells the pool. */
export type ReaderNotice =
  | { readonly type: 'reader.ready' }
  | { readonly type: 'reader.lost'; readonly cause: LockkeeperError }
  | { readonly type: 'reader.stopped'; readonly error: LockkeeperError }

/** What the pool tells a reader. */
export type ReaderCommand = { readonly type: 'close'; readonly deadlineMs: number }

export interface ReaderInput {
  /** The reader's place at the desk. Opaque to the machine. */
  readonly seat: ReaderSeat
  readonly pool?: ActorRef<Snapshot<unknown>, ReaderNotice> | undefined
  /** Whether the pool has been opened: from then on a fault that keeps a thread from opening the file is waited for. */
  readonly isServing?: (() => boolean) | undefined
}

export interface ReaderContext extends ReaderInput {
  readonly restarts: RestartHistory
  readonly lastError: LockkeeperError | undefined
  readonly leaveMs: number
}

type ReaderEvent =
  | ReaderThreadEvent
  | ThreadLost
  | ThreadFailed
  | { readonly type: 'close'; readonly deadlineMs: number }

/** The life of one reader: it drives a thread with a read-only connection, one read at a time. */
export const readerMachine = setup({
  types: { input: {} as ReaderInput, context: {} as ReaderContext, events: {} as ReaderEvent },
  actors: { thread: threadLogic('reader') },
  delays: {
    restartPause: ({ context }) => restartPauseMs(context.restarts),
    leavePatience: ({ context }) => context.leaveMs,
  },
  guards: {
    exhausted: ({ context }) => !mayRestart(context.restarts),
    /** Another has its place already. */
    isRetired: ({ context }) => context.seat.isRetired,
  },
  actions: {
    leave: ({ context }) => context.seat.leave(),
    terminate: ({ context }) => context.seat.terminate(),
    notify: enqueueActions(({ context, enqueue }, notice: ReaderNotice) => {
      if (context.pool !== undefined) enqueue.sendTo(context.pool, notice)
    }),
  },
}).createMachine({
  id: 'reader',
  context: ({ input }) => ({
    ...input,
    restarts: noRestarts,
    lastError: undefined,
    wasReady: false,
    leaveMs: threadLeaveMs,
  }),
  initial: 'running',
  states: {
    running: {
      invoke: { src: 'thread', id: 'thread', input: ({ context }) => ({ owner: context.seat }) },
      initial: 'starting',
      on: {
        'thread.lost': [
          {
            guard: 'isRetired',
            target: 'closed',
            actions: ({ context, event }) => context.seat.onLost(event.cause),
          },
          {
            target: 'restarting',
            actions: [
              ({ context, event }) => context.seat.onLost(event.cause),
              assign({
                restarts: ({ context }) =>
                  isWaiting(context)
                    ? lastRestart(context.restarts, systemClock.now())
                    : afterDeath(context.restarts, systemClock.now()),
                lastError: ({ context, event }) => context.lastError ?? event.cause,
              }),
              { type: 'notify', params: ({ event }) => ({ type: 'reader.lost', cause: event.cause }) },
            ],
          },
        ],
        'thread.failed': {
          target: 'stopped',
          actions: assign({ lastError: ({ event }) => event.error }),
        },
        'thread.refused': { actions: assign({ lastError: ({ event }) => event.error }) },
        close: {
          target: '.leaving',
          actions: assign({ leaveMs: ({ event }) => leaveMs(event.deadlineMs) }),
        },
      },
      states: {
        starting: {
          on: {
            'thread.ready': {
              target: 'idle',
              actions: [
                assign({ lastError: undefined }),
                { type: 'notify', params: { type: 'reader.ready' } },
              ],
            },
          },
        },
        /** Overdue it is here only in that it is needed no longer. */
        idle: { on: { leased: 'leased', overdue: 'leaving' } },
        leased: { on: { returned: 'idle', interrupting: 'interrupting', overdue: 'overdue' } },
        /** What it runs was given up, and is being cut off. */
        interrupting: { on: { leased: 'leased', returned: 'idle', overdue: 'overdue' } },
        /** It did not end in time: another has its place, and it leaves as soon as it surfaces. */
        overdue: { on: { returned: 'leaving' } },
        leaving: {
          entry: 'leave',
          on: {
            'thread.lost': {
              target: '#reader.closed',
              actions: ({ context, event }) => context.seat.onLost(event.cause),
            },
          },
          after: { leavePatience: 'stuck' },
        },
        stuck: {
          entry: 'terminate',
          on: {
            'thread.lost': {
              target: '#reader.closed',
              actions: ({ context, event }) => context.seat.onLost(event.cause),
            },
          },
          after: { leavePatience: '#reader.closed' },
        },
      },
    },
    restarting: {
      always: { guard: 'exhausted', target: 'stopped' },
      on: { close: 'closed' },
      after: { restartPause: 'running' },
    },
    stopped: {
      type: 'final',
      entry: [
        ({ context }) => context.seat.onStopped(context.lastError as LockkeeperError),
        {
          type: 'notify',
          params: ({ context }) => ({ type: 'reader.stopped', error: context.lastError as LockkeeperError }),
        },
      ],
    },
    closed: { type: 'final' },
  },
})

/** Its thread was refused the file for a fault, which may pass. */
const isWaiting = ({ isServing, lastError }: ReaderContext): boolean =>
  faultOf(lastError?.code) !== undefined && (isServing?.() ?? false)
