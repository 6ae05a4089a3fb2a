import type { Case } from '../suite.ts'

/** Subjects by the names that ratios, tables and JSON know them by. */
export const names = {
  governor: 'governor',
  /** The governor, while somebody pins the log. */
  pinned: 'governor, pinned',
  /** SQLite's automatic checkpoints in our writer, at the number of pages that we have found best. */
  automatic: 'automatic',
  off: 'off',
  /** SQLite's automatic checkpoints at its own default, in one thread. */
  raw: 'better-sqlite3',
} as const

export const cases: readonly Case[] = [
  {
    name: 'overlap',
    subjects: [
      { name: names.governor, load: async () => (await import('./overlap.ts')).overlapping('governor') },
      { name: names.automatic, load: async () => (await import('./overlap.ts')).overlapping('automatic') },
    ],
  },
  {
    name: 'users',
    subjects: [
      { name: names.governor, load: async () => (await import('./users.ts')).usersBeside('governor') },
      {
        name: names.pinned,
        load: async () => (await import('./users.ts')).usersBeside('governor', 'pinned'),
      },
      { name: names.off, load: async () => (await import('./users.ts')).usersBeside('off') },
      { name: names.automatic, load: async () => (await import('./users.ts')).usersBeside('automatic') },
    ],
  },
  {
    name: 'bulk',
    subjects: [
      { name: names.governor, load: async () => (await import('./bulk.ts')).bulk('governor') },
      { name: names.automatic, load: async () => (await import('./bulk.ts')).bulk('automatic') },
      { name: names.raw, load: async () => (await import('../../rivals/raw-load.ts')).bulk },
    ],
  },
]
