export { coalescer } from './coalescer.ts'
export { createCoalescer } from './create.ts'
export type { Key } from './entry.ts'
export { flushThrough } from './flush-through.ts'
export type { CoalescerActor, CoalescerEvent, CoalescerInput } from './machine.ts'
export { coalescerMachine } from './machine.ts'
export type {
  Coalescer,
  CoalescerCounts,
  CoalescerHost,
  CoalescerOptions,
  CoalescerOverflow,
  EmbeddedCoalescer,
  FlushTarget,
  PendingKey,
  PutTicket,
} from './types.ts'
export type { CoalescerWork, FlushResult } from './work.ts'
