import type { Suite } from '../suite.ts'
import { cases } from './cases.ts'
import { aims, ratios } from './ratios.ts'

/** What the ledger, the slow log and the profiles cost a write and a read, and what they take of memory. */
export const telemetry: Suite = { name: 'telemetry', cases, ratios, aims }
