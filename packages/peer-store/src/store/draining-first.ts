import type { CoalescerHost } from '@lockkeeper/core'
import { before } from './hosted-by.ts'

/** A queue before a coalescer. */
export interface QueueAhead {
  /** Hands on what waits, until so many milliseconds have passed. Answers how many of them are left. */
  readonly drain: (deadlineMs: number) => Promise<number>
  /** How many it gave up, because the end came first. */
  readonly abandoned: () => number
}

/**
 * The same host, for a coalescer behind a queue: when the database closes, what waits in the queue goes on to the coalescer
 * before that stops taking, and what is given up in either is in the close report.
 */
export function drainingFirst(host: CoalescerHost, { drain, abandoned }: QueueAhead): CoalescerHost {
  return before(host, {
    spawn: (logic, options) => host.spawn(logic, options),
    beforeClose: (drainNext, undelivered) =>
      host.beforeClose(
        async ({ deadlineMs }) => drainNext({ deadlineMs: await drain(deadlineMs) }),
        undelivered === undefined
          ? undefined
          : () => {
              const { label, values } = undelivered()
              return { label, values: values + abandoned() }
            },
      ),
  })
}
