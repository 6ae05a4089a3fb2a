import { systemClock } from '../clock.ts'
import type { Job } from '../jobs/driven-job.ts'
import { laneNames } from '../mailbox/lane-name.ts'
import type { Mailbox } from '../mailbox/mailbox.ts'
import type { ReadDesk } from '../readers/desk.ts'
import { Leases } from '../readers/leases.ts'
import type { LiveReport } from '../telemetry/ledger-report.ts'
import { liveLabelsMax } from '../telemetry/limits.ts'
import type { WriterDesk } from '../writer/desk.ts'

interface LiveParts {
  readonly mailbox: Mailbox
  readonly writerDesk: WriterDesk
  readonly readDesk: ReadDesk
  readonly jobs: readonly Job[]
}

const named = (label: string | undefined): string => label ?? 'unlabelled'

/** What is going on at this moment. */
export function liveReport({ mailbox, writerDesk, readDesk, jobs }: LiveParts): LiveReport {
  const { underWay } = writerDesk
  const oldestOf = (lane: (typeof laneNames)[number]): LiveReport['oldest'][typeof lane] => {
    const { first } = mailbox.lanes[lane]
    return first && { label: named(first.label), waitedMs: mailbox.oldestWaitMs(lane) }
  }
  return {
    inFlight: underWay && {
      lane: underWay.lane,
      writes: underWay.writes.length,
      ageMs: systemClock.now() - underWay.postedAtMs,
      labels: [...new Set(underWay.writes.map(({ label }) => named(label)))].slice(0, liveLabelsMax),
    },
    oldest: Object.fromEntries(laneNames.map((lane) => [lane, oldestOf(lane)])) as LiveReport['oldest'],
    leases: new Leases(readDesk, systemClock).all().map(({ reader, readClass, label, ageMs }) => ({
      ...{ reader, class: readClass, label: named(label), ageMs },
    })),
    jobs: jobs.map(({ id, procedure, status, progress: { done, total } }) => ({
      ...{ id, procedure, status, done, total },
    })),
  }
}
