import { type ActorRefFrom, assign, fromPromise, setup } from 'xstate'
import { type BackoffLimits, backoffMs } from './backoff.ts'
import { coalescerLimits } from './limits.ts'
import type { CoalescerWork, FlushResult } from './work.ts'

export interface CoalescerInput extends BackoffLimits {
  /** The values, opaque: no queue lives in a machine's context. */
  readonly work: CoalescerWork
}

/** Coarse by design: one event may stand for thousands of values. */
export type CoalescerEvent =
  /** The first value came to an empty buffer. */
  | { readonly type: 'arrived' }
  /** Enough for a flush is held. */
  | { readonly type: 'full' }
  /** Somebody asks that what is held be flushed now. */
  | { readonly type: 'flush' }
  /** Flush all, within a time in milliseconds, then stop. */
  | { readonly type: 'drain'; readonly deadlineMs: number }

interface CoalescerContext extends BackoffLimits {
  readonly work: CoalescerWork
  readonly failuresInARow: number
  readonly retryAfterMs: number | undefined
  readonly drainMs: number
}

/**
 * A coalescer: empty → gathering → flushing → backing off; draining → stopped.
 *
 * It never sees a value. `work.flush()` joins the flush under way if there is one: so draining takes over the flush that
 * ran when the order came, and two never run at once.
 *
 * @example
 * spawn(coalescerMachine, { systemId: 'peer-writer', input: { work, backoffMsFirst: 50, backoffMsMax: 5_000 } })
 */
export const coalescerMachine = setup({
  types: {
    input: {} as CoalescerInput,
    context: {} as CoalescerContext,
    events: {} as CoalescerEvent,
  },
  actors: {
    flush: fromPromise<FlushResult, CoalescerWork>(({ input }) => input.flush()),
  },
  guards: {
    isEmpty: ({ context }) => context.work.isEmpty,
    isDue: ({ context }) => context.work.isDue,
    hasFailed: ({ context }) => context.failuresInARow > 0,
  },
  delays: {
    untilDue: ({ context }) => context.work.untilDueMs,
    backoff: ({ context }) => backoffMs(context.failuresInARow, context, context.retryAfterMs),
    drainDeadline: ({ context }) => context.drainMs,
  },
  actions: {
    noteResult: assign(({ context }, result: FlushResult) =>
      result.kind === 'stored'
        ? { failuresInARow: 0, retryAfterMs: undefined }
        : { failuresInARow: context.failuresInARow + 1, retryAfterMs: result.retryAfterMs },
    ),
    noteDrain: assign((_, drainMs: number) => ({ drainMs })),
    abandon: ({ context }) => context.work.abandon(),
  },
}).createMachine({
  id: 'coalescer',
  context: ({ input }) => ({
    ...input,
    failuresInARow: 0,
    retryAfterMs: undefined,
    drainMs: coalescerLimits.drainMsDefault,
  }),
  initial: 'deciding',
  states: {
    deciding: {
      always: [
        { guard: 'isEmpty', target: 'empty' },
        { guard: 'hasFailed', target: 'backingOff' },
        { guard: 'isDue', target: 'flushing' },
        { target: 'gathering' },
      ],
    },
    empty: {
      on: { arrived: 'gathering', drain: 'stopped' },
    },
    gathering: {
      after: { untilDue: 'flushing' },
      on: { full: 'flushing', flush: 'flushing' },
    },
    flushing: {
      invoke: {
        src: 'flush',
        input: ({ context }) => context.work,
        onDone: {
          target: 'deciding',
          actions: { type: 'noteResult', params: ({ event }) => event.output },
        },
      },
    },
    backingOff: {
      after: { backoff: 'flushing' },
    },
    draining: {
      initial: 'flushing',
      after: { drainDeadline: 'stopped' },
      states: {
        flushing: {
          invoke: {
            src: 'flush',
            input: ({ context }) => context.work,
            onDone: {
              target: 'deciding',
              actions: { type: 'noteResult', params: ({ event }) => event.output },
            },
          },
        },
        deciding: {
          always: [
            { guard: 'isEmpty', target: '#coalescer.stopped' },
            { guard: 'hasFailed', target: 'backingOff' },
            { target: 'flushing' },
          ],
        },
        backingOff: {
          after: { backoff: 'flushing' },
        },
      },
      on: { drain: {} }, // the first order's deadline holds
    },
    stopped: {
      type: 'final',
      entry: 'abandon',
    },
  },
  on: {
    drain: {
      target: '.draining',
      actions: { type: 'noteDrain', params: ({ event }) => event.deadlineMs },
    },
  },
})

export type CoalescerActor = ActorRefFrom<typeof coalescerMachine>
