import { type ActorRefFrom, assign, fromCallback, fromPromise, setup } from 'xstate'
import { type BackoffLimits, backoffMs } from './backoff.ts'
import { coalescerLimits } from './limits.ts'
import type { CoalescerWork, FlushResult } from './work.ts'

/** What its actor is spawned with; from `createCoalescer`. */
export interface CoalescerInput extends BackoffLimits {
  /** The values, opaque: no queue lives in a machine's context. */
  readonly work: CoalescerWork
}

/** Coarse by design: one event may stand for thousands of values. */
export type CoalescerEvent =
  /** A value, best effort: for actors that would rather send it than call `offer`, which costs a hundredth. */
  | { readonly type: 'offer'; readonly value: unknown }
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
 * ran when the order came, and two never run at once. A batch that goes on in halves does so without a pause; a culprit that
 * was found costs the first pause; only failures that no value is to blame for make pauses grow.
 *
 * @example
 * const peers = createCoalescer({ name: 'peer-writer', key: (peer: Peer) => peer.id, flush: flushThrough(writer, 'peers.upsertMany') })
 * spawn(coalescerMachine, { systemId: 'peer-writer', input: peers.input })
 * peers.offer(peer)
 */
export const coalescerMachine = setup({
  types: {
    input: {} as CoalescerInput,
    context: {} as CoalescerContext,
    events: {} as CoalescerEvent,
  },
  actors: {
    flush: fromPromise<FlushResult, CoalescerWork>(({ input }) => input.flush()),
    // Ends with the machine in whatever way that ends: nobody is left waiting for flushes that will not come.
    alarm: fromCallback<CoalescerEvent, CoalescerWork>(({ input, sendBack }) => {
      input.attach(sendBack)
      return () => input.detach()
    }),
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
    noteResult: assign(({ context }, result: FlushResult) => ({
      failuresInARow: failuresAfter(context.failuresInARow, result),
      retryAfterMs: result.kind === 'failed' ? result.retryAfterMs : undefined,
    })),
    noteDrain: assign((_, drainMs: number) => ({ drainMs })),
    abandon: ({ context }) => context.work.abandon(),
    offer: ({ context, event }) => {
      if (event.type === 'offer') context.work.offer(event.value)
    },
  },
}).createMachine({
  id: 'coalescer',
  context: ({ input }) => ({
    ...input,
    failuresInARow: 0,
    retryAfterMs: undefined,
    drainMs: coalescerLimits.drainMsDefault,
  }),
  invoke: { src: 'alarm', id: 'alarm', input: ({ context }) => context.work },
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
    offer: { actions: 'offer' },
    drain: {
      target: '.draining',
      actions: { type: 'noteDrain', params: ({ event }) => event.deadlineMs },
    },
  },
})

function failuresAfter(before: number, { kind }: FlushResult): number {
  if (kind === 'failed') return before + 1
  return kind === 'culprit' ? 1 : 0
}

export type CoalescerActor = ActorRefFrom<typeof coalescerMachine>
