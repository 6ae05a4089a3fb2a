import type { Durability } from '../../subjects/schema.ts'
import type { Case, Subject } from '../suite.ts'

/** Subjects by the names that ratios, tables and JSON know them by. */
export const names = {
  lockkeeper: 'lockkeeper',
  raw: 'better-sqlite3',
  roundTrip: 'round trip',
  withUsers: 'with users',
  alone: 'alone',
  shallow: '1,000 queued',
  deep: '1,000,000 queued',
} as const

export const cases: readonly Case[] = [
  callerCase('writes_256_process', 256, 'process'),
  callerCase('writes_256_power', 256, 'power'),
  callerCase('writes_16_power', 16, 'power'),
  {
    name: 'write_serial',
    subjects: [
      lockkeeper(async () => (await import('./callers.ts')).callers(1, 'process')),
      raw(async () => (await import('../../rivals/raw-autocommit.ts')).oneByOne),
      {
        name: names.roundTrip,
        load: async () => (await import('../../rivals/worker-round-trip.ts')).roundTrip,
      },
    ],
  },
  {
    name: 'bulk_rows',
    subjects: [
      lockkeeper(async () => (await import('./bulk.ts')).bulkTexts),
      raw(async () => (await import('../../rivals/raw-transaction.ts')).bulkTexts),
    ],
  },
  {
    name: 'bulk_bytes',
    subjects: [
      lockkeeper(async () => (await import('./bulk.ts')).bulkBlobs),
      raw(async () => (await import('../../rivals/raw-transaction.ts')).bulkBlobs),
    ],
  },
  {
    name: 'background',
    subjects: [
      { name: names.withUsers, load: async () => (await import('./background.ts')).backgroundWithUsers },
      { name: names.alone, load: async () => (await import('./background.ts')).backgroundAlone },
    ],
  },
  {
    name: 'mailbox_flat',
    subjects: [
      { name: names.shallow, load: async () => (await import('./mailbox.ts')).mailboxAt(1_000) },
      { name: names.deep, load: async () => (await import('./mailbox.ts')).mailboxAt(1_000_000) },
    ],
  },
  {
    name: 'memory',
    subjects: [lockkeeper(async () => (await import('./memory.ts')).memoryQueued)],
  },
]

function callerCase(name: string, count: number, durability: Durability): Case {
  return {
    name,
    subjects: [
      lockkeeper(async () => (await import('./callers.ts')).callers(count, durability)),
      raw(async () => (await import('../../rivals/raw-autocommit.ts')).autocommit(count, durability)),
    ],
  }
}

function lockkeeper(load: Subject['load']): Subject {
  return { name: names.lockkeeper, load }
}

function raw(load: Subject['load']): Subject {
  return { name: names.raw, load }
}
