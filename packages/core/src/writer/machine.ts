import { type ActorRef, and, assign, enqueueActions, or, type Snapshot, setup, stateIn } from 'xstate'
import { systemClock } from '../clock.ts'
import type { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { contendedPauseMs, leaveMs, threadLeaveMs } from '../limits.ts'
import type { Admission } from '../mailbox/admission.ts'
import { faultPauseMs } from '../supervision/faults.ts'
import {
  afterDeath,
  mayRestart,
  noRestarts,
  type RestartHistory,
  restartPauseMs,
} from '../supervision/restart-policy.ts'
import { threadLogic } from '../threads/thread-actor.ts'
import { assembleWriter, type WriterOptions, type WriterParts } from './assemble.ts'
import type { WriterDesk } from './desk.ts'
import { faultGuards, untroubled } from './fault-guards.ts'
import type { WriterNotice } from './notice.ts'
import { closedError, faultIn, stoppedError } from './outcomes.ts'
import type { WriterEvent } from './thread-event.ts'
import { admitEvent } from './write-event.ts'

/** Either what to open, in an actor system of your own, or parts that the database has assembled. */
export type WriterInput = (WriterOptions | { readonly writer: WriterParts }) & {
  /** Whom to tell of the turns of this life, if anybody. */
  readonly supervisor?: ActorRef<Snapshot<unknown>, WriterNotice> | undefined
}

export interface WriterContext {
  /** The app thread's side of the writer: the mailbox, the batch under way and the thread. Opaque to the machine. */
  readonly desk: WriterDesk
  readonly admission: Admission
  readonly supervisor: ActorRef<Snapshot<unknown>, WriterNotice> | undefined
  readonly restarts: RestartHistory
  /** Whether a thread has been ready: from then on a fault that may pass is waited for. */
  readonly wasReady: boolean
  /** Why nothing can be written now, if so. */
  readonly fault: LockkeeperError | undefined
  /** How many tries in a row have met a fault. */
  readonly faults: number
  /** What the thread last died of. */
  readonly lastDeath: LockkeeperError | undefined
  readonly error: LockkeeperError | undefined
  readonly closeDeadlineMs: number
}

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
    faultPause: ({ context }) => faultPauseMs(context.faults),
    contendedPause: () => Math.random() * contendedPauseMs,
    closeDeadline: ({ context }) => context.closeDeadlineMs,
    leavePatience: ({ context }) => leaveMs(context.closeDeadlineMs),
  },
  guards: {
    ...faultGuards,
    hasWork: ({ context }) => context.desk.hasWork,
    isDrained: ({ context }) => context.desk.isDrained,
    mayRestart: ({ context }) => mayRestart(context.restarts),
    hasNobodyToAnswer: ({ context }) => context.desk.isDrained && !context.desk.isBusy,
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
    keepError: assign(({ event }) => ('error' in event ? { error: event.error } : {})),
    noteFault: assign(({ context, event }) => {
      const met = faultIn(event)
      if (met !== undefined) context.desk.suspension.note(met.error)
      return { faults: context.desk.hasCommitted ? 1 : context.faults + 1 }
    }),
    suspend: enqueueActions(({ context, enqueue, event }) => {
      const fault = faultIn(event)?.error
      if (fault === undefined) return
      context.desk.suspension.begin(fault, context.faults)
      enqueue.assign({ fault })
      if (context.supervisor !== undefined)
        enqueue.sendTo(context.supervisor, { type: 'writer.suspended', error: fault })
    }),
    resume: enqueueActions(({ context, enqueue }) => {
      enqueue.assign({ wasReady: true, fault: undefined })
      if (context.fault !== undefined && context.supervisor !== undefined)
        enqueue.sendTo(context.supervisor, { type: 'writer.recovered' })
    }),
    giveUpBatch: ({ context }) => context.desk.giveUpBatch(context.fault ?? closedError()),
    tellLost: enqueueActions(({ context, enqueue, event }) => {
      if (context.supervisor !== undefined && event.type === 'thread.lost')
        enqueue.sendTo(context.supervisor, { type: 'writer.lost', cause: event.cause })
    }),
    tellEnd: enqueueActions(({ context, enqueue }, type: 'writer.stopped' | 'writer.refused') => {
      const error = context.error ?? closedError()
      if (context.supervisor !== undefined) enqueue.sendTo(context.supervisor, { type, error })
    }),
    notify: enqueueActions(({ context, enqueue }, notice: WriterNotice) => {
      if (context.supervisor !== undefined) enqueue.sendTo(context.supervisor, notice)
    }),
  },
}).createMachine({
  id: 'writer',
  context: ({ input }) => ({
    ...('writer' in input ? input.writer : assembleWriter(input)),
    supervisor: input.supervisor,
    ...untroubled,
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
            'thread.failed': { target: 'stopped', actions: 'keepError' },
            'thread.lost': [
              { guard: 'isSuspended', target: 'suspended', actions: 'tellLost' },
              { guard: 'isFirstFault', target: 'restarting', actions: ['noteFault', 'tellLost'] },
              { guard: 'isFault', target: 'suspended', actions: ['noteFault', 'suspend', 'tellLost'] },
              {
                target: 'restarting',
                actions: [{ type: 'countDeath', params: ({ event }) => event.cause }, 'tellLost'],
              },
            ],
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
                  actions: [
                    'resume',
                    {
                      type: 'notify',
                      params: ({ event }) => ({ type: 'writer.ready', sqlite: event.sqlite }),
                    },
                  ],
                },
                'thread.refused': [
                  { guard: 'neverReady', target: 'refusing', actions: 'keepError' },
                  { guard: 'isFault', actions: ['noteFault', 'suspend', 'giveUpBatch'] },
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
              on: {
                'batch.done': 'deciding',
                'batch.contended': 'contended',
                'batch.halted': { target: 'withdrawing', actions: ['noteFault', 'suspend'] },
              },
            },
            /** The thread can commit nothing any more and leaves by itself: a fresh one will find things as they are. */
            withdrawing: { always: { guard: 'overdue', target: 'leaving' } },
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
              on: {
                'lock.had': 'writing',
                'batch.done': 'deciding',
                'batch.halted': { target: 'withdrawing', actions: ['noteFault', 'suspend'] },
              },
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
        /** Nothing can be written for now, and whoever wants to is told so; each new thread is a try. */
        suspended: {
          always: [
            { guard: 'isFinal', target: 'stopped' },
            { guard: 'overdue', target: 'closed' },
            { guard: and(['draining', 'hasNobodyToAnswer']), target: 'closed' },
          ],
          after: { faultPause: 'running' },
        },
        stopped: {
          entry: [
            assign({
              error: ({ context }) =>
                context.error ?? context.fault ?? stoppedError(context.restarts.times, context.lastDeath),
            }),
            'abandon',
            { type: 'tellEnd', params: 'writer.stopped' },
          ],
          always: { guard: or(['draining', 'overdue']), target: 'closed' },
        },
        refused: {
          entry: ['abandon', { type: 'tellEnd', params: 'writer.refused' }],
          always: { guard: 'draining', target: 'closed' },
        },
        closed: { type: 'final', entry: 'abandon' },
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
