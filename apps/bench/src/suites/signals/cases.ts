import type { Case } from '../suite.ts'
import type { Waiting } from './waiting.ts'

/** Subjects by the names that ratios, tables and JSON know them by. */
export const names = {
  signals: 'signals',
  /** SQLite's own handler, as better-sqlite3's option `timeout` sets it. */
  own: 'busy_timeout',
  lockkeeper: 'lockkeeper',
  bareRead: 'read, nothing aborted',
  loaded: 'with signals',
  without: 'without signals',
} as const

const handlers: readonly Waiting[] = [names.signals, names.own]

export const cases: readonly Case[] = [
  {
    name: 'handover',
    subjects: handlers.map((waiting) => ({
      name: waiting,
      load: async () => (await import('./handover.ts')).handover(waiting),
    })),
  },
  {
    name: 'cpu',
    subjects: handlers.map((waiting) => ({
      name: waiting,
      load: async () => (await import('./cpu.ts')).cpu({ holder: waiting, waiter: waiting }),
    })),
  },
  {
    name: 'cpu_stranger',
    subjects: [
      {
        name: names.signals,
        load: async () => (await import('./cpu.ts')).cpu({ holder: names.own, waiter: names.signals }),
      },
    ],
  },
  {
    name: 'fair',
    subjects: handlers.map((waiting) => ({
      name: waiting,
      load: async () => (await import('./fair.ts')).fair(waiting),
    })),
  },
  {
    name: 'interrupt',
    subjects: [
      { name: names.lockkeeper, load: async () => (await import('./interrupt.ts')).interruptedRead },
      { name: names.bareRead, load: async () => (await import('./interrupt.ts')).bareRead },
    ],
  },
  {
    name: 'idle_cost',
    roundsFactor: 3,
    subjects: [
      { name: names.loaded, load: async () => (await import('./idle-cost.ts')).withSignals },
      { name: names.without, load: async () => (await import('./idle-cost.ts')).withoutSignals },
    ],
  },
]
