import type { Suite } from '../suite.ts'
import { cases } from './cases.ts'
import { makeCorpus } from './make-corpus.ts'
import { aims, ratios } from './ratios.ts'

/** Blobs stored and indexed: how fast, how fast when they are known, and what users wait meanwhile. */
export const index: Suite = { name: 'index', cases, ratios, aims, prepare: makeCorpus }
