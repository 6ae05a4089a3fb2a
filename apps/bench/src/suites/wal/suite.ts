import type { Suite } from '../suite.ts'
import { cases } from './cases.ts'
import { ratios } from './ratios.ts'

/** The write-ahead log: how large it gets, and what keeping it small costs users and bulk loads. */
export const wal: Suite = { name: 'wal', cases, ratios, aims: [] }
