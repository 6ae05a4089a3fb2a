import { type ActorRef, and, assign, enqueueActions, type Snapshot, setup, stateIn } from 'xstate'
import { systemClock } from '../clock.ts'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { contendedPauseMs, leaveMs, threadLeaveMs } from '../limits.ts'
import type { Admission } from '../mailbox/admission.ts'
import {
  afterDeath,
  mayRestart,
  noRestarts,
  type RestartHistory,
  restartPauseMs,
} from '../supervision/restart-policy.ts'
import { type ThreadFailed, type ThreadLost, threadLogic } from '../threads/thread-actor.ts'
import { assembleWriter, type WriterOptions, type WriterParts } from './assemble.ts'
import type { WriterDesk } from './desk.ts'
import type { WriterThreadEvent } from './thread-event.ts'
import { admitEvent, type WriteEvent } from './write-event.ts'

/** Either what to open, in an actor system of your own, or parts that the database has assembled. */
export type WriterInput = (WriterOptions | { readonly writer: WriterParts }) & {
  /** Whom to tell of the turns of this life, if anybody. */
  readonly supervisor?: ActorRef<Snapshot<unknown>, WriterNotice> | undefined
}

/** What the writer tells its supervisor. */
export type WriterNotice =
  | {
      readonly type: 'writer.migrating'
      readonly name: string
      readonly done: number
      readonly total: number
    }
  | { readonly type: 'writer.ready'; readonly sqlite: string }
  | { readonly type: 'writer.refused'; readonly error: LockkeeperError }
  | { readonly type: 'writer.lost'; readonly cause: LockkeeperError }
  | { readonly type: 'writer.stopped'; readonly error: LockkeeperError }

export interface WriterContext {
  /** The app thread's side of the writer: the mailbox, the batch under way and the thread. Opaque to the machine. */
  readonly desk: WriterDesk
  readonly admission: Admission
  readonly supervisor: ActorRef<Snapshot<unknown>, WriterNotice> | undefined
  readonly restarts: RestartHistory
  /** What the thread last died of. */
  readonly lastDeath: LockkeeperError | undefined
  readonly error: LockkeeperError | undefined
  readonly closeDeadlineMs: number
}

type WriterEvent =
  | WriterThreadEvent
  | ThreadLost
  | ThreadFailed
  | WriteEvent
  | { readonly type: 'close'; readonly deadlineMs: number }

/**
 * The life of the writer: it drives the thread that owns the sole write connection, one batch at a time.
 *
 * Region `work` is what it does; region `closing` has the one deadline that closing has, whatever the work is doing.
 */
export const writerMachine = setup({
  types: {
    input: {} as WriterInput,
    context: {} as WriterContext,
    events: {} as WriterEvent,
  },
  actors: { thread: threadLogic('writer') },
  delays: {
    restartPause: ({ context }) => restartPauseMs(context.restarts),
    contendedPause: () => Math.random() * contendedPauseMs,
    closeDeadline: ({ context }) => context.closeDeadlineMs,
    leavePatience: ({ context }) => leaveMs(context.closeDeadlineMs),
  },
  guards: {
    hasWork: ({ context }) => context.desk.hasWork,
    isDrained: ({ context }) => context.desk.isDrained,
    mayRestart: ({ context }) => mayRestart(context.restarts),
    neverReady: ({ context }) => context.restarts.times === 0,
    draining: stateIn({ closing: 'draining' }),
    overdue: stateIn({ closing: 'overdue' }),
  },
  actions: {
    admit: ({ context, event }) => {
      if (event.type === 'write') admitEvent(context.admission, event)
    },
    dispatch: ({ context }) => {
      context.desk.dispatch()
    },
    leave: ({ context }) => context.desk.leave(),
    terminate: ({ context }) => context.desk.terminate(),
    abandon: ({ context }) => {
      context.desk.abandon(context.error ?? closedError())
    },
    // A thread that has committed was no failure to start: what killed it is counted as the first of its kind.
    countDeath: assign(({ context }, lastDeath: LockkeeperError) => ({
      restarts: afterDeath(context.desk.hasCommitted ? noRestarts : context.restarts, systemClock.now()),
      lastDeath,
    })),
    notify: enqueueActions(({ context, enqueue }, notice: WriterNotice) => {
      if (context.supervisor !== undefined) enqueue.sendTo(context.supervisor, notice)
    }),
  },
}).createMachine({
  id: 'writer',
  context: ({ input }) => ({
    ...('writer' in input ? input.writer : assembleWriter(input)),
    supervisor: input.supervisor,
    restarts: noRestarts,
    lastDeath: undefined,
    error: undefined,
    // Until somebody closes: how long a thread that was refused the file has to leave.
    closeDeadlineMs: threadLeaveMs,
  }),
  type: 'parallel',
  on: { write: { actions: 'admit' } },
  states: {
    work: {
      initial: 'running',
      states: {
        running: {
          invoke: { src: 'thread', id: 'thread', input: ({ context }) => ({ owner: context.desk }) },
          initial: 'starting',
          on: {
            'thread.failed': {
              target: 'stopped',
              actions: assign({ error: ({ event }) => event.error }),
            },
            'thread.lost': {
              target: 'restarting',
              actions: [
                { type: 'countDeath', params: ({ event }) => event.cause },
                { type: 'notify', params: ({ event }) => ({ type: 'writer.lost', cause: event.cause }) },
              ],
            },
          },
          states: {
            starting: {
              always: { guard: 'overdue', target: 'leaving' },
              on: {
                'thread.migrating': {
                  actions: {
                    type: 'notify',
                    params: ({ event }) => ({ ...event, type: 'writer.migrating' }),
                  },
                },
                'thread.ready': {
                  target: 'deciding',
                  actions: {
                    type: 'notify',
                    params: ({ event }) => ({ type: 'writer.ready', sqlite: event.sqlite }),
                  },
                },
                'thread.refused': [
                  {
                    guard: 'neverReady',
                    target: 'refusing',
                    actions: assign({ error: ({ event }) => event.error }),
                  },
                ],
              },
            },
            refusing: {
              // Not told before the thread has gone: the file must be free when the opening has failed.
              entry: 'leave',
              on: { 'thread.lost': '#writer.work.refused' },
              after: { leavePatience: '#writer.work.refused' },
            },
            deciding: {
              always: [
                { guard: 'overdue', target: 'leaving' },
                { guard: 'hasWork', target: 'writing', actions: 'dispatch' },
                { guard: and(['draining', 'isDrained']), target: 'leaving' },
                { target: 'idle' },
              ],
            },
            idle: {
              always: [
                { guard: 'overdue', target: 'leaving' },
                { guard: and(['draining', 'isDrained']), target: 'leaving' },
              ],
              on: { work: 'deciding' },
            },
            writing: {
              always: { guard: 'overdue', target: 'leaving' },
              on: { 'batch.done': 'deciding', 'batch.contended': 'contended' },
            },
            // Another process has the lock: until a batch has had it, or nobody waits any more.
            contended: {
              always: { guard: 'overdue', target: 'leaving' },
              initial: 'pausing',
              states: {
                pausing: {
                  after: {
                    contendedPause: [
                      { guard: 'hasWork', target: 'trying', actions: 'dispatch' },
                      { target: '#writer.work.running.deciding' },
                    ],
                  },
                },
                trying: { on: { 'batch.contended': 'pausing' } },
              },
              on: { 'lock.had': 'writing', 'batch.done': 'deciding' },
            },
            leaving: {
              entry: 'leave',
              on: { 'thread.lost': '#writer.work.closed' },
              after: { leavePatience: 'stuck' },
            },
            stuck: {
              entry: 'terminate',
              on: { 'thread.lost': '#writer.work.closed' },
              after: { leavePatience: '#writer.work.closed' },
            },
          },
        },
        restarting: {
          always: [
            { guard: 'overdue', target: 'closed' },
            { guard: ({ context }) => !mayRestart(context.restarts), target: 'stopped' },
          ],
          after: { restartPause: 'running' },
        },
        stopped: {
          entry: [
            assign({ error: ({ context }) => context.error ?? stoppedError(context) }),
            'abandon',
            {
              type: 'notify',
              params: ({ context }) => ({ type: 'writer.stopped', error: context.error ?? closedError() }),
            },
          ],
          always: [
            { guard: 'draining', target: 'closed' },
            { guard: 'overdue', target: 'closed' },
          ],
        },
        refused: {
          entry: [
            'abandon',
            {
              type: 'notify',
              params: ({ context }) => ({ type: 'writer.refused', error: context.error ?? closedError() }),
            },
          ],
          always: { guard: 'draining', target: 'closed' },
        },
        closed: {
          type: 'final',
          entry: 'abandon',
        },
      },
    },
    closing: {
      initial: 'open',
      always: { guard: stateIn({ work: 'closed' }), target: '.over' },
      states: {
        open: {
          on: {
            close: {
              target: 'draining',
              actions: assign({ closeDeadlineMs: ({ event }) => event.deadlineMs }),
            },
          },
        },
        draining: { after: { closeDeadline: 'overdue' } },
        overdue: {},
        over: { type: 'final' },
      },
    },
  },
})

function closedError(): LockkeeperError {
  return new LockkeeperError('The database is closed: open it again to write', {
    code: 'closed',
    stage: 'admission',
  })
}

function stoppedError({ restarts, lastDeath }: WriterContext): LockkeeperError {
  return new LockkeeperError(
    `Writing has stopped: the writer’s thread died ${restarts.times} times in a row. Reads go on; close and open the database to write again.`,
    { code: 'writer-stopped', stage: 'admission', cause: lastDeath },
  )
}
