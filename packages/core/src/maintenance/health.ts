import type { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { type LaneName, laneNames } from '../mailbox/lane-name.ts'
import type { Report } from '../telemetry/report.ts'
import { healthLogBytes, healthSlowMs } from './limits.ts'

export interface HealthOptions {
  /** How long the write and the read may take, in milliseconds. Default 1,000. */
  readonly deadlineMs?: number | undefined
}

/** How one real write or read went. */
export interface HealthProbe {
  /** Whether it was done within the deadline. */
  readonly ok: boolean
  /** From the call to the answer. */
  readonly ms: number
  /** How much of that passed before it ran: in the queue, and for the write lock. All of it, where it never ran. */
  readonly waitMs: number
  readonly error?: LockkeeperError | undefined
}

export interface Health {
  /** Whether the write and the read were both done within the deadline. */
  readonly ok: boolean
  readonly write: HealthProbe
  readonly read: HealthProbe
  /** What is slow and why, in plain words; empty where nothing is. */
  readonly slow: readonly string[]
  /** The size of the write-ahead log's file. */
  readonly logBytes: number
}

/** What is known when both probes have ended. */
export interface HealthMeasurements {
  readonly write: HealthProbe
  readonly read: HealthProbe
  readonly before: Report
  readonly after: Report
  /** How long the oldest write of each lane has waited; 0 where none waits. */
  readonly oldestWaitMs: Readonly<Record<LaneName, number>>
  readonly logBytes: number
}

/** Says what is slow and why, from what was measured; the most telling first. */
export function slowness(measured: HealthMeasurements): string[] {
  return [...writing(measured), ...reading(measured), ...storing(measured)]
}

function writing({ write, before, after, oldestWaitMs }: HealthMeasurements): string[] {
  const words: string[] = []
  const { writer } = after.states
  if (write.error !== undefined && write.error.code !== 'deadline-exceeded')
    words.push(`writing fails (${write.error.code}): ${write.error.message}`)
  else if (!write.ok) words.push(`a write was not done within ${inMs(write.ms)}`)
  else if (write.ms > healthSlowMs)
    words.push(`a write took ${inMs(write.ms)}, ${inMs(write.waitMs)} of it waiting`)
  const isSlow = words.length > 0
  const refused = busyOf(after) - busyOf(before)
  if (isSlow && refused > 0)
    words.push(`another process holds the write lock: it was refused ${times(refused)} meanwhile`)
  if (isSlow && refused === 0 && write.ok && write.ms - write.waitMs > healthSlowMs)
    words.push(`the disk is slow to commit: ${inMs(write.ms - write.waitMs)}`)
  if (/restarting|starting/.test(writer)) words.push('the writer’s thread is being replaced after it died')
  if (after.states.database === 'degraded')
    words.push('writing has stopped for good: close and open the database')
  for (const lane of laneNames) {
    const waitMs = oldestWaitMs[lane]
    const { depth, waiting } = after.lanes[lane]
    if (waitMs > healthSlowMs && (lane === 'user' || waitMs > 10 * healthSlowMs))
      words.push(`${depth + waiting} writes wait in the ${lane} lane, the oldest for ${inMs(waitMs)}`)
  }
  return words
}

function reading({ read, after }: HealthMeasurements): string[] {
  const words: string[] = []
  const { readers, busy, lent, waiting } = after.readers.interactive
  if (read.error !== undefined && read.error.code !== 'deadline-exceeded')
    words.push(`reading fails (${read.error.code}): ${read.error.message}`)
  else if (!read.ok) words.push(`a read was not done within ${inMs(read.ms)}`)
  else if (read.ms > healthSlowMs)
    words.push(`a read took ${inMs(read.ms)}, ${inMs(read.waitMs)} of it waiting`)
  if (words.length === 0) return words
  if (busy + lent >= readers)
    words.push(`all ${readers} interactive readers are at work or lent, and ${times(waiting, 'read')} wait`)
  return words
}

/** The file keeps its length when the log begins anew: where the writer has looked into it, that counts. */
function storing({ logBytes, after: { wal } }: HealthMeasurements): string[] {
  const words: string[] = []
  const bytes = wal?.logBytes ?? logBytes
  const reader = wal?.oldestLease
  if (bytes > healthLogBytes)
    words.push(`the write-ahead log is large (${Math.round(bytes / 1_048_576)} MiB)`)
  if (wal !== undefined && wal.pressure !== 'calm')
    words.push(`the log presses, so that lower lanes are held back (${wal.pressure})`)
  if (words.length > 0 && reader !== undefined && reader.ageMs > healthSlowMs)
    words.push(
      `${reader.reader} has read for ${inMs(reader.ageMs)} (${reader.label ?? 'unlabelled'}), which may keep the log from being emptied`,
    )
  return words
}

const busyOf = ({ busy }: Report): number =>
  Object.entries(busy).reduce((sum, [code, count]) => (code.startsWith('sqlite-busy') ? sum + count : sum), 0)

const inMs = (ms: number): string => `${Math.round(ms)} ms`

const times = (count: number, what = 'time'): string => `${count} ${what}${count === 1 ? '' : 's'}`
