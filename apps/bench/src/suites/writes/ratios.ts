import { loopDelayMsMax, queuedWriteBytesMax, userWaitMsMax } from '../../limits.ts'
import type { Aim, Ratio } from '../suite.ts'
import { names } from './cases.ts'

const { lockkeeper, raw, roundTrip, withUsers, alone, shallow, deep } = names

export const ratios: readonly Ratio[] = [
  throughput('writes_256_process', 3.5, '256 callers each awaiting one-row writes ÷ raw autocommit, NORMAL'),
  throughput('writes_256_power', 25, '256 callers each awaiting one-row writes ÷ raw autocommit, FULL'),
  throughput('writes_16_power', 5, '16 callers each awaiting one-row writes ÷ raw autocommit, FULL'),
  {
    name: 'write_serial',
    goal: 0.75,
    meaning: '(bare round trip p50 + raw write p50) ÷ one awaited write p50',
    of: (median) => {
      const parts = median('write_serial', roundTrip, 'p50') + median('write_serial', raw, 'p50')
      return parts / median('write_serial', lockkeeper, 'p50')
    },
  },
  throughput('bulk_rows', 0.7, 'one writeMany of 200-byte texts ÷ raw single transaction'),
  throughput('bulk_bytes', 0.5, 'one writeMany of 1 KiB blobs ÷ raw single transaction'),
  {
    name: 'user_under_background',
    goal: 1,
    meaning: `${userWaitMsMax} ms ÷ p99 of user writes while the background lane is saturated`,
    of: (median) => userWaitMsMax / median('background', withUsers, 'p99'),
  },
  {
    name: 'background_kept',
    goal: 0.8,
    meaning: 'background throughput meanwhile ÷ alone',
    of: (median) => median('background', withUsers, 'throughput') / median('background', alone, 'throughput'),
  },
  {
    name: 'mailbox_flat',
    goal: 0.8,
    meaning: 'cost per write with 1,000 queued ÷ with 1,000,000 queued',
    of: (median) => median('mailbox_flat', shallow, 'cost') / median('mailbox_flat', deep, 'cost'),
  },
]

export const aims: readonly Aim[] = [
  ...[lockkeeper, withUsers, alone].map((subject) => ({
    subject,
    metric: 'loop_delay_max',
    below: loopDelayMsMax,
  })),
  { subject: lockkeeper, metric: 'queued_write', below: queuedWriteBytesMax },
]

/** Lockkeeper’s throughput in a case beside the raw one’s. */
function throughput(name: string, goal: number, meaning: string): Ratio {
  return {
    name,
    goal,
    meaning,
    of: (median) => median(name, lockkeeper, 'throughput') / median(name, raw, 'throughput'),
  }
}
