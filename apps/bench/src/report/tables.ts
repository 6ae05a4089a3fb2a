import Table from 'cli-table3'
import type { Machine } from '../machine/machine.ts'
import type { Row } from '../statistics/rows.ts'
import type { Aim, Suite } from '../suites/suite.ts'
import type { Outcome } from './outcome.ts'

/** The whole outcome, for people. */
export function formatOutcome(suite: Suite, outcome: Outcome): string {
  return [
    formatMachine(outcome.machine),
    formatRows(outcome.rows, suite.aims),
    formatRatios(suite, outcome.ratios),
  ].join('\n\n')
}

function formatMachine({ node, sqlite, cpus, fileSystem, fsyncMs }: Machine): string {
  return `Node ${node} · SQLite ${sqlite} · ${cpus} CPUs · ${fileSystem}, fsync ${formatNumber(fsyncMs)} ms`
}

function formatRows(rows: readonly Row[], aims: readonly Aim[]): string {
  const table = plainTable(['case', 'subject', 'metric', 'median', 'min', 'max', 'unit', 'aim'], [3, 4, 5])
  let shown: Pick<Row, 'case' | 'subject'> | undefined
  for (const row of rows) {
    const isNewCase = row.case !== shown?.case
    const isNewSubject = isNewCase || row.subject !== shown?.subject
    shown = row
    table.push([
      isNewCase ? row.case : '',
      isNewSubject ? row.subject : '',
      row.metric,
      ...[row.median, row.min, row.max].map(formatNumber),
      row.unit,
      formatAim(row, aims),
    ])
  }
  return table.toString()
}

function formatAim(row: Row, aims: readonly Aim[]): string {
  const aim = aims.find(({ subject, metric }) => subject === row.subject && metric === row.metric)
  if (aim === undefined) return ''
  const judged = `< ${formatNumber(aim.below)} ${row.median < aim.below ? 'met' : 'missed'}`
  return aim.beside === undefined ? judged : `${judged} (${aim.beside})`
}

function formatRatios(suite: Suite, ratios: Outcome['ratios']): string {
  const table = plainTable(['ratio', 'is', 'goal', '', 'meaning'], [1, 2])
  for (const { name, goal, meaning } of suite.ratios) {
    const ratio = ratios[name]
    table.push([
      name,
      ratio === undefined ? '–' : ratio.toFixed(2),
      `≥ ${goal}`,
      ratio === undefined ? 'not measured' : ratio >= goal ? 'met' : 'missed',
      meaning,
    ])
  }
  return table.toString()
}

function plainTable(head: string[], rightAligned: readonly number[]): Table.Table {
  return new Table({
    head,
    colAligns: head.map((_, column) => (rightAligned.includes(column) ? 'right' : 'left')),
    style: { head: [], border: [], compact: true },
  })
}

/** Three digits that mean something; whole numbers from a hundred up. */
export function formatNumber(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}
