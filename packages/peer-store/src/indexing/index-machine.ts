import { assign, fromPromise, setup } from 'xstate'
import { indexLimits } from '../limits.ts'
import type { IndexWork, StepOutcome } from './index-work.ts'

export interface IndexInput {
  /** The blobs' side of it, opaque: nothing of them lives in a machine's context. */
  readonly work: IndexWork
}

/** Coarse by design: one event may stand for a hundred blobs. */
export type IndexEvent =
  /** Records were stored, or somebody waits for them to be indexed. */
  | { readonly type: 'arrived' }
  /** End after the step under way. What is not indexed is found when the store is opened again. */
  | { readonly type: 'drain' }

interface IndexContext extends IndexInput {
  readonly failuresInARow: number
}

/**
 * Indexing: loading → indexing ⇄ idle; backing off; draining → stopped.
 *
 * It begins by learning what is stored and by indexing what an earlier run left, and never sees a blob: `work.step()` has the
 * writer's thread index some, and says whether there is more.
 *
 * @example
 * spawn(indexMachine, { systemId: 'index', input: { work } })
 */
export const indexMachine = setup({
  types: {
    input: {} as IndexInput,
    context: {} as IndexContext,
    events: {} as IndexEvent,
  },
  actors: {
    load: fromPromise<void, IndexWork>(({ input }) => input.load()),
    step: fromPromise<StepOutcome, IndexWork>(({ input }) => input.step()),
    settled: fromPromise<void, IndexWork>(({ input }) => input.settled()),
  },
  guards: {
    hasMore: ({ context }) => context.work.hasMore,
    hasFailed: (_, outcome: StepOutcome) => outcome === 'failed',
    hasStopped: (_, outcome: StepOutcome) => outcome === 'stopped',
  },
  delays: {
    backoff: ({ context }) =>
      Math.min(indexLimits.backoffMsMax, indexLimits.backoffMsFirst * 2 ** (context.failuresInARow - 1)),
  },
  actions: {
    noteFailure: assign(({ context }) => ({ failuresInARow: context.failuresInARow + 1 })),
    noteSuccess: assign({ failuresInARow: 0 }),
    abandon: ({ context }) => context.work.abandon(),
  },
}).createMachine({
  id: 'index',
  context: ({ input }) => ({ ...input, failuresInARow: 0 }),
  initial: 'loading',
  on: { drain: '.draining' },
  states: {
    loading: {
      invoke: {
        src: 'load',
        input: ({ context }) => context.work,
        onDone: 'indexing',
      },
    },
    indexing: {
      invoke: {
        src: 'step',
        input: ({ context }) => context.work,
        onDone: [
          {
            guard: { type: 'hasStopped', params: ({ event }) => event.output },
            target: 'stopped',
          },
          {
            guard: { type: 'hasFailed', params: ({ event }) => event.output },
            target: 'backingOff',
            actions: 'noteFailure',
          },
          { target: 'deciding', actions: 'noteSuccess' },
        ],
      },
    },
    deciding: {
      always: [{ guard: 'hasMore', target: 'indexing' }, { target: 'idle' }],
    },
    idle: {
      on: { arrived: 'indexing' },
    },
    backingOff: {
      after: { backoff: 'indexing' },
    },
    draining: {
      invoke: {
        src: 'settled',
        input: ({ context }) => context.work,
        onDone: 'stopped',
      },
      on: { drain: {} },
    },
    stopped: {
      type: 'final',
      entry: 'abandon',
    },
  },
})
