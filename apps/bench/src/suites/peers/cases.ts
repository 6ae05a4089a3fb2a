import type { Case } from '../suite.ts'

/** Subjects by the names that ratios, tables and JSON know them by. */
export const names = {
  lockkeeper: 'lockkeeper',
  shared: 'shared pool',
  split: 'split pool',
  /** One thread and one connection, each connect in its own transaction while its caller waits. */
  raw: 'better-sqlite3',
} as const

export const cases: readonly Case[] = [
  {
    name: 'storm',
    // Three rounds where others have five: each takes more than a minute.
    roundsFactor: 0.6,
    subjects: [
      { name: names.lockkeeper, load: async () => (await import('./storm.ts')).storming },
      { name: names.shared, load: async () => (await import('../../rivals/storm.ts')).shared },
      { name: names.split, load: async () => (await import('../../rivals/storm.ts')).split },
      { name: names.raw, load: async () => (await import('../../rivals/storm.ts')).raw },
    ],
  },
]
