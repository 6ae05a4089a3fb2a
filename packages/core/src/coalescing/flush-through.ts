import { notStored } from '../mailbox/pending-write.ts'
import type { TicketOutcome } from '../mailbox/ticket.ts'
import type { WriteEvent } from '../writer/write-event.ts'
import type { FlushTarget } from './types.ts'

/**
 * Flushes through a writer's actor, for apps that spawn both in a system of their own.
 *
 * @param procedure By its full name, `peers.upsertMany`.
 *
 * @example
 * const writer = spawn(writerMachine, { systemId: 'writer', input: { file, mailbox } })
 * const peers = createCoalescer({ name: 'peer-writer', key: (peer: Peer) => peer.id, flush: flushThrough(writer, 'peers.upsertMany') })
 */
export function flushThrough<Value>(
  writer: { send(event: WriteEvent): void; getSnapshot?(): { readonly status: string } },
  procedure: string,
): FlushTarget<Value> {
  return {
    name: procedure,
    call: (input, options) => {
      // An actor that has ended takes events and answers none: those who wait would do so for ever.
      if ((writer.getSnapshot?.().status ?? 'active') !== 'active') {
        const error = notStored('The writer’s actor has ended', {
          code: 'closed',
          label: options.label ?? procedure,
        })
        return { outcome: async () => ({ outcome: 'not-stored', error }) }
      }
      const { promise, resolve } = Promise.withResolvers<TicketOutcome<unknown>>()
      const replyTo = { send: ({ outcome }: { outcome: TicketOutcome<unknown> }) => resolve(outcome) }
      writer.send({ type: 'write', write: { procedure, input }, options, replyTo })
      return { outcome: () => promise }
    },
  }
}
