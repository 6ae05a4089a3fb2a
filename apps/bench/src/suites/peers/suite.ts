import { syncBlobs } from '../../limits-peer-store.ts'
import { makeBlobs } from '../index/make-corpus.ts'
import type { Suite } from '../suite.ts'
import { besideSync, cases } from './cases.ts'
import { aims, ratios } from './ratios.ts'

/** A storm of connects, alone and beside a sync: what it costs those who report them, and those who read meanwhile. */
export const peers: Suite = {
  name: 'peers',
  cases,
  ratios,
  aims,
  prepare: async (preparation) => {
    if (preparation.cases.includes(besideSync)) await makeBlobs(preparation, syncBlobs(preparation.pace))
  },
}
