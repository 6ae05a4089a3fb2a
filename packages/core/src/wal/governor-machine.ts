import { assign, type EventObject, setup } from 'xstate'
import { systemClock } from '../clock.ts'
import { leaveMs, threadLeaveMs } from '../limits.ts'
import {
  afterDeath,
  mayRestart,
  noRestarts,
  type RestartHistory,
  restartPauseMs,
} from '../supervision/restart-policy.ts'
import { type ThreadFailed, type ThreadLost, threadLogic } from '../threads/thread-actor.ts'
import type { GovernorDesk, GovernorEvent } from './governor-desk.ts'

export interface GovernorInput {
  /** The app thread's side of the governor. Opaque to the machine. */
  readonly desk: GovernorDesk
}

export interface GovernorContext extends GovernorInput {
  readonly restarts: RestartHistory
  readonly leaveMs: number
}

type Events =
  | GovernorEvent
  | ThreadLost
  | ThreadFailed
  | EventObject
  | { readonly type: 'close'; readonly deadlineMs: number }

/**
 * Keeps the write-ahead log bounded (promise 11). Region `work` is what it is at; region `pressure` what writers feel of it;
 * region `thread` the life of the thread that copies beside the writer, without which the writer copies by itself.
 */
export const governorMachine = setup({
  types: { input: {} as GovernorInput, context: {} as GovernorContext, events: {} as Events },
  actors: { thread: threadLogic('checkpointer') },
  delays: {
    restartPause: ({ context }) => restartPauseMs(context.restarts),
    leavePatience: ({ context }) => context.leaveMs,
    // One that is inside no statement is sure to end, and the file is free for another opening only then.
    endPatience: ({ context }) => (context.desk.isBusy ? context.leaveMs : threadLeaveMs),
  },
  guards: {
    isExhausted: ({ context }) => !mayRestart(context.restarts),
    isHeldUp: ({ context }) => context.desk.isHeldUp,
    mustSettleAgain: ({ context }) => context.desk.mustSettleAgain,
    isThrottling: ({ event }) => 'level' in event && event.level === 'throttling',
    isPinned: ({ event }) => 'level' in event && event.level === 'pinned',
  },
  actions: {
    listen: ({ context, self }) => context.desk.listen((event) => self.send(event)),
    watch: ({ context }) => context.desk.watch(),
    copy: ({ context }) => context.desk.copy(),
    settle: ({ context }) => context.desk.settle(),
    letLanesGo: ({ context }) => context.desk.letLanesGo(),
    finish: ({ context }) => context.desk.finish(),
    openGap: ({ context }) => context.desk.openGap(),
    closeGap: ({ context }) => context.desk.closeGap(),
    heldUp: ({ context }) => context.desk.heldUp(),
    stop: ({ context }) => context.desk.stop(),
    leave: ({ context }) => context.desk.leave(),
    terminate: ({ context }) => context.desk.terminate(),
    countDeath: assign({ restarts: ({ context }) => afterDeath(context.restarts, systemClock.now()) }),
    keepDeadline: assign({
      leaveMs: ({ event }) => leaveMs('deadlineMs' in event ? (event.deadlineMs as number) : threadLeaveMs),
    }),
  },
}).createMachine({
  id: 'wal-governor',
  context: ({ input }) => ({ ...input, restarts: noRestarts, leaveMs: threadLeaveMs }),
  type: 'parallel',
  entry: 'listen',
  exit: 'stop',
  states: {
    work: {
      initial: 'watching',
      on: { close: '.closed' },
      states: {
        watching: {
          entry: 'watch',
          on: { copy: 'checkpointing', finish: 'finishing', gap: 'gap' },
        },
        /** A passive checkpoint runs beside the writer. */
        checkpointing: { entry: 'copy', on: { copied: 'watching' } },
        /** Lower lanes pause, so that little is left for the writer to copy, which it does between two batches. */
        finishing: {
          initial: 'settling',
          exit: 'letLanesGo',
          states: {
            settling: {
              entry: 'settle',
              on: {
                copied: [
                  { guard: 'isHeldUp', target: '#wal-governor.work.watching', actions: 'heldUp' },
                  { guard: 'mustSettleAgain', target: 'settling', reenter: true },
                  { target: 'ending' },
                ],
              },
            },
            ending: {
              entry: 'finish',
              on: { finished: '#wal-governor.work.watching' },
            },
          },
        },
        /** New leases wait until the running ones have ended; then the same. */
        gap: {
          entry: 'openGap',
          exit: ['closeGap', 'letLanesGo'],
          initial: 'waiting',
          states: {
            waiting: {
              on: {
                'gap.ready': 'settling',
                'gap.over': { target: '#wal-governor.work.watching', actions: 'heldUp' },
              },
            },
            settling: {
              entry: 'settle',
              on: {
                copied: [
                  { guard: 'mustSettleAgain', target: 'settling', reenter: true },
                  { target: 'ending' },
                ],
                // It takes too long to let readers wait for it.
                'gap.over': { target: '#wal-governor.work.watching', actions: 'heldUp' },
              },
            },
            ending: {
              entry: 'finish',
              on: { finished: '#wal-governor.work.watching' },
            },
          },
        },
        closed: { type: 'final', entry: 'stop' },
      },
    },
    pressure: {
      initial: 'calm',
      on: {
        pressure: [
          { guard: 'isPinned', target: '.pinned' },
          { guard: 'isThrottling', target: '.throttling' },
          { target: '.calm' },
        ],
        close: '.closed',
      },
      states: { calm: {}, throttling: {}, pinned: {}, closed: { type: 'final' } },
    },
    thread: {
      initial: 'running',
      states: {
        running: {
          invoke: { src: 'thread', id: 'thread', input: ({ context }) => ({ owner: context.desk }) },
          initial: 'starting',
          on: {
            'thread.lost': { target: 'restarting', actions: 'countDeath' },
            'thread.failed': 'gone',
            close: { target: '.leaving', actions: 'keepDeadline' },
          },
          states: {
            starting: { on: { 'thread.ready': 'beside' } },
            beside: {},
            leaving: {
              entry: 'leave',
              on: { 'thread.lost': '#wal-governor.thread.closed' },
              after: { leavePatience: 'stuck' },
            },
            stuck: {
              entry: 'terminate',
              on: { 'thread.lost': '#wal-governor.thread.closed' },
              after: { endPatience: '#wal-governor.thread.closed' },
            },
          },
        },
        restarting: {
          always: { guard: 'isExhausted', target: 'gone' },
          on: { close: 'closed' },
          after: { restartPause: 'running' },
        },
        /** It died too often: the writer copies by itself from now on. */
        gone: { on: { close: 'closed' } },
        closed: { type: 'final' },
      },
    },
  },
})
