import type { Suite } from '../suite.ts'
import { cases } from './cases.ts'
import { aims, ratios } from './ratios.ts'

/** A storm of connects: what it costs those who report them, and those who read meanwhile. */
export const peers: Suite = { name: 'peers', cases, ratios, aims }
