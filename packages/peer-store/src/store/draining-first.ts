import type { CoalescerHost } from '@lockkeeper/core'

/**
 * The same host, for a coalescer behind a queue: when the database closes, what waits in the queue goes on to the coalescer
 * before that stops taking. `drain` answers how many milliseconds it has left of the deadline.
 */
export function drainingFirst(
  host: CoalescerHost,
  drain: (deadlineMs: number) => Promise<number>,
): CoalescerHost {
  return {
    spawn: (logic, options) => host.spawn(logic, options),
    beforeClose: (drainNext, undelivered) =>
      host.beforeClose(
        async ({ deadlineMs }) => drainNext({ deadlineMs: await drain(deadlineMs) }),
        undelivered,
      ),
    countDropped: (label, cause, count) => host.countDropped?.(label, cause, count),
  }
}
