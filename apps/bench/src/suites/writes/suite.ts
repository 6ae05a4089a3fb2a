import type { Suite } from '../suite.ts'
import { cases } from './cases.ts'
import { aims, ratios } from './ratios.ts'

/** The write side: group commit, lanes, bulk, and what a queued write costs. */
export const writes: Suite = { name: 'writes', cases, ratios, aims }
