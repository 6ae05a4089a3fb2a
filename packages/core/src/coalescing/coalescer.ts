import { CoalescerHandle } from './create.ts'
import { coalescerMachine } from './machine.ts'
import type { Coalescer, CoalescerHost, CoalescerOptions } from './types.ts'

/**
 * Spawns an actor in the database's own system that gathers writes and flushes them in batches: the newest value per
 * key, or what `merge` makes of them. For best-effort writes (`offer`, which never waits) and for bulk that must arrive
 * (`put`, which waits for the commit and, with the overflow `wait`, for room).
 *
 * The flush procedure must bear repetition: a batch whose outcome nobody could tell is flushed again. Closing the
 * database drains it first.
 *
 * @example
 * const seen = coalescer(db, {
 *   name: 'peer-writer', key: (peer: Peer) => peer.id, flush: db.procedure.peers.upsertMany, overflow: 'drop',
 * })
 * seen.offer(peer)
 * await seen.flush()
 */
export function coalescer<Value>(host: CoalescerHost, options: CoalescerOptions<Value>): Coalescer<Value> {
  const { lane } = options
  const label = options.label ?? options.flush.name
  const handle = new CoalescerHandle(options, {
    onDropped: (code, count) => host.countDropped?.(label, code, count, lane),
    onCoalesced: (count) => host.countCoalesced?.(label, count, lane),
    onEnd: () => unregister(),
  })
  const unregister = host.beforeClose(
    ({ deadlineMs }) => handle.drain(deadlineMs),
    // At the very end, a flush that nobody has answered will not be.
    () => ({ label, values: handle.notWritten + handle.counts.inFlight }),
  )
  try {
    const actor = host.spawn(coalescerMachine, { systemId: options.name, input: handle.input })
    actor.subscribe({ error: () => handle.end() })
  } catch (error) {
    handle.end() // or the host would wait for it when it closes
    throw error
  }
  return handle
}
