import { statSync } from 'node:fs'
import { errorFromThrown } from '../errors/from-sqlite.ts'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import type { Admission } from '../mailbox/admission.ts'
import { type LaneName, laneNames } from '../mailbox/lane-name.ts'
import type { Mailbox } from '../mailbox/mailbox.ts'
import type { Ticket } from '../mailbox/ticket.ts'
import type { Report } from '../telemetry/report.ts'
import type { BackupDesk } from './backup-desk.ts'
import { type Health, type HealthOptions, type HealthProbe, slowness } from './health.ts'
import { healthDeadlineMs } from './limits.ts'
import { type CheckpointResult, type OptimizeResult, sharedNowMs, type VacuumResult } from './task.ts'
import type {
  BackupOptions,
  BackupResult,
  CheckpointOptions,
  MaintenanceCalls,
  MaintenanceOptions,
} from './types.ts'

export interface MaintenanceParts {
  readonly file: string
  readonly admission: Admission
  readonly mailbox: Mailbox
  readonly backups: BackupDesk
  /** A read on an interactive reader. */
  readonly readValue: (
    sql: string,
    options: { readonly deadlineMs: number; readonly label: string },
  ) => Promise<unknown>
  readonly report: () => Report
}

/** The calls that look after the file: {@link MaintenanceCalls}. */
export class Maintenance implements MaintenanceCalls {
  readonly #parts: MaintenanceParts

  constructor(parts: MaintenanceParts) {
    this.#parts = parts
  }

  checkpoint(options?: CheckpointOptions): Ticket<CheckpointResult> {
    return this.#parts.admission.maintenance(
      { name: 'checkpoint', mode: options?.mode ?? 'truncate' },
      options,
    )
  }

  optimize(options?: MaintenanceOptions): Ticket<OptimizeResult> {
    return this.#parts.admission.maintenance({ name: 'optimize' }, options)
  }

  vacuum(options?: MaintenanceOptions): Ticket<VacuumResult> {
    return this.#parts.admission.maintenance({ name: 'vacuum' }, options)
  }

  backup(file: string, options?: BackupOptions): Promise<BackupResult> {
    return this.#parts.backups.start(file, options)
  }

  async health({ deadlineMs = healthDeadlineMs }: HealthOptions = {}): Promise<Health> {
    const { report } = this.#parts
    const before = report()
    const [write, read] = await Promise.all([this.#write(deadlineMs), this.#read(deadlineMs)])
    const logBytes = sizeOf(`${this.#parts.file}-wal`)
    const measured = { write, read, before, after: report(), oldestWaitMs: this.#oldestWaitMs(), logBytes }
    return { ok: write.ok && read.ok, write, read, slow: slowness(measured), logBytes }
  }

  /** A commit of its own, or with the users that write at the same time. */
  #write(deadlineMs: number): Promise<HealthProbe> {
    const options = { lane: 'user', label, deadlineMs } as const
    return probe(deadlineMs, async () => {
      const { ranAtMs } = await this.#parts.admission.maintenance({ name: 'probe' }, options)
      return ranAtMs
    })
  }

  /** A page of the file, and the time when it was read. */
  #read(deadlineMs: number): Promise<HealthProbe> {
    const sql = `select unixepoch('subsec') * 1000 from sqlite_schema limit 1`
    return probe(deadlineMs, async () => Number(await this.#parts.readValue(sql, { deadlineMs, label })))
  }

  #oldestWaitMs(): Record<LaneName, number> {
    const { mailbox } = this.#parts
    return Object.fromEntries(laneNames.map((name) => [name, mailbox.oldestWaitMs(name)])) as Record<
      LaneName,
      number
    >
  }
}

const label = 'lockkeeper.health'

/**
 * Runs a probe that tells when it ran. The answer comes within the deadline, even where what was probed can't be given up: a
 * write that runs without the signals extension.
 */
async function probe(deadlineMs: number, run: () => Promise<number>): Promise<HealthProbe> {
  const startedAtMs = sharedNowMs()
  let timer: NodeJS.Timeout | undefined
  const overdue = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(overdueError(deadlineMs)), deadlineMs)
  })
  try {
    const ranAtMs = await Promise.race([run(), overdue])
    const ms = sharedNowMs() - startedAtMs
    return { ok: true, ms, waitMs: Math.min(ms, Math.max(0, ranAtMs - startedAtMs)) }
  } catch (thrown) {
    const ms = sharedNowMs() - startedAtMs
    return { ok: false, ms, waitMs: ms, error: errorFromThrown(thrown, { stage: 'execute', label }) }
  } finally {
    clearTimeout(timer)
  }
}

const overdueError = (deadlineMs: number): LockkeeperError =>
  new LockkeeperError(`It was not done within ${deadlineMs} ms: look at what runs, or holds the lock`, {
    code: 'deadline-exceeded',
    stage: 'execute',
    retryable: true,
    label,
  })

/** Of a file that may not be there. */
const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0
