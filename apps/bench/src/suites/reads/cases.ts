import { pointCallers } from '../../limits.ts'
import type { Case, Subject } from '../suite.ts'

/** Subjects by the names that ratios, tables and JSON know them by. */
export const names = {
  lockkeeper: 'lockkeeper',
  inThread: 'in-thread reader',
  raw: 'better-sqlite3',
  /** The pool of better-sqlite3's documentation: idle workers take from one queue. */
  queue: 'worker queue',
  roundRobin: 'round robin',
  roundTrip: 'round trip',
  alone: 'alone',
  withScans: 'with scans',
} as const

export const cases: readonly Case[] = [
  pointCase('point_64', pointCallers.some),
  pointCase('point_512', pointCallers.many),
  {
    name: 'point_serial',
    subjects: [
      lockkeeper(async () => (await import('./points.ts')).points(1)),
      raw(async () => (await import('../../rivals/raw-reads.ts')).pointByPoint),
      {
        name: names.roundTrip,
        load: async () => (await import('../../rivals/point-round-trip.ts')).pointRoundTrip,
      },
    ],
  },
  {
    name: 'point_inthread',
    subjects: [
      { name: names.inThread, load: async () => (await import('./points.ts')).pointsInThread },
      raw(async () => (await import('../../rivals/raw-reads.ts')).points(pointCallers.some)),
    ],
  },
  {
    name: 'rows_1000',
    subjects: [
      lockkeeper(async () => (await import('./wide.ts')).wide),
      raw(async () => (await import('../../rivals/raw-reads.ts')).wide),
      {
        name: names.queue,
        load: async () => (await import('../../rivals/pool-reads.ts')).wide('queue'),
      },
    ],
  },
  {
    name: 'stream_rows',
    subjects: [
      lockkeeper(async () => (await import('./stream.ts')).stream),
      raw(async () => (await import('../../rivals/raw-reads.ts')).iterated),
    ],
  },
  {
    name: 'mixed_slow',
    subjects: [
      { name: names.alone, load: async () => (await import('./mixed.ts')).mixed(false) },
      { name: names.withScans, load: async () => (await import('./mixed.ts')).mixed(true) },
      {
        name: names.roundRobin,
        load: async () => (await import('../../rivals/pool-reads.ts')).mixed('round robin'),
      },
      {
        name: names.queue,
        load: async () => (await import('../../rivals/pool-reads.ts')).mixed('queue'),
      },
    ],
  },
]

function pointCase(name: string, callers: number): Case {
  return {
    name,
    subjects: [
      lockkeeper(async () => (await import('./points.ts')).points(callers)),
      raw(async () => (await import('../../rivals/raw-reads.ts')).points(callers)),
      {
        name: names.queue,
        load: async () => (await import('../../rivals/pool-reads.ts')).points('queue', callers),
      },
    ],
  }
}

function lockkeeper(load: Subject['load']): Subject {
  return { name: names.lockkeeper, load }
}

function raw(load: Subject['load']): Subject {
  return { name: names.raw, load }
}
