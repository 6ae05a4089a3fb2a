import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import type { Restraint } from '../mailbox/restraint.ts'
import type { Lease, Leases } from '../readers/leases.ts'
import { type Bounds, restraint, type WalView } from './policy.ts'

/** `throttling`: lower lanes get less of the writer; `pinned`: they pause, the hard bound is reached. */
export type PressureLevel = 'calm' | 'throttling' | 'pinned'

/** The log has reached its hard bound because somebody reads. */
export interface WalPinned {
  /** Undefined where it is none of our readers: another process's, or a read in the app's own thread. */
  readonly reader: string | undefined
  readonly label: string | undefined
  /** How long it has been reading, in milliseconds. */
  readonly ageMs: number | undefined
  readonly logBytes: number
}

export interface PressureParts {
  readonly bounds: Bounds
  readonly restraint: Restraint
  readonly leases: Leases
  readonly onPinned: (pinned: WalPinned) => void
}

/** What a long log costs others: lower lanes get less, and at the hard bound whoever pins it is ended, and named. */
export class Pressure {
  level: PressureLevel = 'calm'
  pinsEnded = 0
  readonly #parts: PressureParts
  /** Somebody else's pin was told of, and the log has not begun anew since. */
  #hasTold = false

  constructor(parts: PressureParts) {
    this.#parts = parts
  }

  get share(): number {
    return this.#parts.restraint.share
  }

  /** @returns whether the level has changed. */
  apply(view: WalView, inGap: boolean): boolean {
    const { bounds } = this.#parts
    const share = restraint(view, bounds, inGap)
    this.#parts.restraint.set(share)
    const level = share === 0 ? 'calm' : view.logBytes < bounds.hardBytes ? 'throttling' : 'pinned'
    const before = this.level
    this.level = level
    if (level === 'pinned') this.#tellOfForeignPin(view)
    else if (level === 'calm') this.#hasTold = false
    return level !== before
  }

  /** The read that began first is ended. @returns whether there was one. */
  endPin({ logBytes }: WalView): boolean {
    const { leases, bounds, onPinned } = this.#parts
    const lease = leases.endOldest((pin) => pinned(pin, logBytes, bounds.hardBytes))
    if (lease === undefined) return false
    this.pinsEnded++
    onPinned({ reader: lease.reader, label: lease.label, ageMs: lease.ageMs, logBytes })
    return true
  }

  #tellOfForeignPin({ isForeign, logBytes }: WalView): void {
    if (this.#hasTold || !isForeign) return
    this.#hasTold = true
    this.#parts.onPinned({ reader: undefined, label: undefined, ageMs: undefined, logBytes })
  }
}

function pinned(lease: Lease, logBytes: number, hardBytes: number): LockkeeperError {
  const mib = (bytes: number): string => `${Math.round(bytes / 1_048_576)} MiB`
  return new LockkeeperError(
    `This read has kept the write-ahead log from being emptied for ${Math.round(lease.ageMs)} ms, and the log has grown to ${mib(logBytes)} (the bound is ${mib(hardBytes)}): read less at a time, or give the database a larger wal.hardBytes`,
    { code: 'wal-pinned', stage: 'read', retryable: true, label: lease.label },
  )
}
