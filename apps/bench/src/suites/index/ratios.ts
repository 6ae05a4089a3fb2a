import { daemonMsPerBlob, userWriteMsMax } from '../../limits-peer-store.ts'
import type { Aim, Ratio } from '../suite.ts'
import { names } from './cases.ts'

const { lockkeeper, raw } = names

export const ratios: readonly Ratio[] = [
  {
    name: 'index_throughput',
    goal: 0.8,
    meaning: 'blobs/s stored and indexed ÷ by a raw loop in batches of 100 that does the same work',
    of: (median) => median('store', lockkeeper, 'throughput') / median('store', raw, 'throughput'),
  },
  {
    name: 'index_known',
    goal: 20,
    meaning: 'blobs/s of the same blobs again after a reopen ÷ the first time',
    of: (median) => median('store', lockkeeper, 'known') / median('store', lockkeeper, 'throughput'),
  },
  {
    name: 'index_user_p99',
    goal: 1,
    meaning: `${userWriteMsMax} ms ÷ p99 of user writes while blobs are indexed at full speed`,
    of: (median) => userWriteMsMax / median('users', lockkeeper, 'user_p99'),
  },
  {
    name: 'reindex_user_p99',
    goal: 1,
    meaning: `${userWriteMsMax} ms ÷ p99 of user writes while everything is indexed anew`,
    of: (median) => userWriteMsMax / median('users', lockkeeper, 'reindex_user_p99'),
  },
]

const { least, most } = daemonMsPerBlob

export const aims: readonly Aim[] = [
  {
    subject: lockkeeper,
    metric: 'per_blob',
    below: least,
    beside: `the real daemon: ${least} to ${most}`,
  },
]
