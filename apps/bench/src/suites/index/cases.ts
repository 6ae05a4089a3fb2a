import type { Case } from '../suite.ts'

/** Subjects by the names that ratios, tables and JSON know them by. */
export const names = {
  lockkeeper: 'lockkeeper',
  /** One thread and one connection, a transaction for each hundred blobs. */
  raw: 'better-sqlite3',
  shared: 'shared pool',
  split: 'split pool',
} as const

/** Three rounds where others have five: each trial writes the better part of a gigabyte. */
const roundsFactor = 0.6

export const cases: readonly Case[] = [
  {
    name: 'store',
    roundsFactor,
    subjects: [
      { name: names.lockkeeper, load: async () => (await import('./storing.ts')).storing },
      { name: names.raw, load: async () => (await import('../../rivals/blobs.ts')).raw },
      { name: names.shared, load: async () => (await import('../../rivals/blobs.ts')).shared },
      { name: names.split, load: async () => (await import('../../rivals/blobs.ts')).split },
    ],
  },
  {
    name: 'users',
    roundsFactor,
    subjects: [
      { name: names.lockkeeper, load: async () => (await import('./users.ts')).usersBeside },
      { name: names.shared, load: async () => (await import('../../rivals/blob-users.ts')).shared },
      { name: names.split, load: async () => (await import('../../rivals/blob-users.ts')).split },
    ],
  },
]
