import type { Suite } from '../suite.ts'
import { cases } from './cases.ts'
import { makeTable } from './make-table.ts'
import { aims, ratios } from './ratios.ts'

/** The read side: point reads, wide ones, streams, and what people wait while scans run. */
export const reads: Suite = { name: 'reads', cases, ratios, aims, prepare: makeTable }
