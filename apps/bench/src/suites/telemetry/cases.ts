import { labelCounts, type overheadCallers } from '../../limits-telemetry.ts'
import type { Case, Subject } from '../suite.ts'

/** Subjects by the names that ratios, tables and JSON know them by. */
export const names = {
  /** `telemetry: false` against the default. */
  telemetry: 'telemetry',
  /** The same without the signals extension, which takes the statement profiles, against the default with it. */
  withExtension: 'and extension',
  few: '10 labels',
  many: '10,000 labels',
} as const

export const cases: readonly Case[] = [
  { name: 'writes_64', subjects: overhead('writes', 'busy') },
  { name: 'writes_1', subjects: overhead('writes', 'alone') },
  { name: 'reads_64', subjects: overhead('reads', 'busy') },
  { name: 'reads_1', subjects: overhead('reads', 'alone') },
  {
    name: 'memory',
    subjects: [memory(names.few, labelCounts.few), memory(names.many, labelCounts.many)],
  },
]

function overhead(kind: 'writes' | 'reads', callers: keyof typeof overheadCallers): readonly Subject[] {
  return [names.telemetry, names.withExtension].map((name) => ({
    name,
    load: async () =>
      (await import('./overhead.ts')).overhead({ kind, callers, signalsOff: name === names.withExtension }),
  }))
}

function memory(name: string, labels: number): Subject {
  return { name, load: async () => (await import('./memory.ts')).ledgerMemory(labels) }
}
