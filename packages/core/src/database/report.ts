import type { Job } from '../jobs/driven-job.ts'
import { type LaneName, laneNames } from '../mailbox/lane-name.ts'
import type { ClassDesk } from '../readers/class-desk.ts'
import type { Report } from '../telemetry/report.ts'
import type { HandleParts } from './handle.ts'
import { liveReport } from './live.ts'

/** Gathers what the parts count into one plain object. */
export function makeReport({
  file,
  actor,
  mailbox,
  writerDesk,
  readDesk,
  governor,
  inThread,
  counters,
  interrupter,
  telemetry,
  jobs,
}: HandleParts & { readonly jobs: readonly Job[] }): Report {
  const lanes = Object.fromEntries(
    laneNames.map((name) => {
      const { depth, hall, held, limits, counts } = mailbox.lanes[name]
      return [name, { depth, waiting: hall.depth + held.depth, capacity: limits.capacity, ...counts }]
    }),
  ) as Record<LaneName, Report['lanes'][LaneName]>
  const stateOf = (systemId: string): string => stateName(actor.system.get(systemId)?.getSnapshot()?.value)
  return {
    version: 1,
    file,
    sqlite: writerDesk.sqlite,
    states: {
      database: stateName(actor.getSnapshot().value),
      writer: stateOf('writer'),
      readers: readDesk.seats.map((seat) => stateOf(seat.name)),
    },
    lanes,
    batches: counters.batches,
    drops: counters.drops.toJSON(),
    overstays: counters.overstays.toJSON(),
    writeFailuresUnheard: counters.writeFailuresUnheard,
    reads: { ...counters.reads, waiting: readDesk.waiting },
    readers: {
      interactive: classReport(readDesk.classes.interactive),
      background: classReport(readDesk.classes.background),
      retired: {
        alive: readDesk.retired.length,
        byLabel: counters.readersRetired.toJSON(),
      },
      streamsReclaimed: counters.streams.reclaimed,
    },
    inThread: inThread.report(),
    busy: counters.busy,
    wal: governor?.report(stateOf('wal-governor')),
    changedOutside: counters.outside.toJSON(),
    restarts: { ...counters.restarts },
    signals: {
      waiting: writerDesk.signals.waiting,
      interrupts: interrupter.isReady,
      notice: writerDesk.signals.notice,
      lockWaits: counters.lockWaits,
    },
    ledger: telemetry?.report(),
    live: liveReport({ mailbox, writerDesk, readDesk, jobs }),
    statements: counters.statements.slowest(),
  }
}

function classReport(desk: ClassDesk): Report['readers']['interactive'] {
  const { seats, waiting, lent } = desk
  return { readers: seats.length, busy: seats.filter((seat) => seat.isBusy).length, lent, waiting }
}

/** `{ work: { running: 'idle' }, closing: 'open' }` reads `running.idle`: the first region is what an actor does. */
function stateName(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value !== 'object' || value === null) return 'stopped'
  const [name, inner] = Object.entries(value)[0] ?? ['', undefined]
  return name === 'work' ? stateName(inner) : `${name}.${stateName(inner)}`
}
