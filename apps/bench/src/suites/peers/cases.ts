import type { Case } from '../suite.ts'

/** Subjects by the names that ratios, tables and JSON know them by. */
export const names = {
  lockkeeper: 'lockkeeper',
  shared: 'shared pool',
  split: 'split pool',
  /** One thread and one connection, each connect in its own transaction while its caller waits. */
  raw: 'better-sqlite3',
} as const

/** The same storm while blobs are stored. */
export const besideSync = 'storm_sync'

/** Three rounds where others have five: each takes more than a minute. */
const roundsFactor = 0.6
/** Those that no ratio rests on are shown once. */
const onceOnly = 0.2

export const cases: readonly Case[] = [
  {
    name: 'storm',
    roundsFactor,
    subjects: [
      { name: names.lockkeeper, load: async () => (await import('./storm.ts')).storming },
      { name: names.shared, load: async () => (await import('../../rivals/storm.ts')).shared },
      {
        name: names.split,
        roundsFactor: onceOnly,
        load: async () => (await import('../../rivals/storm.ts')).split,
      },
      {
        name: names.raw,
        roundsFactor: onceOnly,
        load: async () => (await import('../../rivals/storm.ts')).raw,
      },
    ],
  },
  {
    name: besideSync,
    roundsFactor,
    subjects: [
      { name: names.lockkeeper, load: async () => (await import('./storm-sync.ts')).storming },
      { name: names.shared, load: async () => (await import('../../rivals/storm-sync.ts')).shared },
      {
        name: names.split,
        roundsFactor: onceOnly,
        load: async () => (await import('../../rivals/storm-sync.ts')).split,
      },
    ],
  },
]
