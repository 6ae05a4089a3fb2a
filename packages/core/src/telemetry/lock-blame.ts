import type { LaneName } from '../mailbox/lane-name.ts'
import type { BlockedReport } from './ledger-report.ts'
import { ledgerLabelsMax } from './limits.ts'

/** What keeps a write waiting where no label has the lock: see {@link BlockedReport}. */
export const noLabels = ['(app)', '(log)', '(checkpoint)', '(another process)', '(writer)'] as const

/** Whoever a wait can be charged to, as a number: one of {@link noLabels}, or a label. */
export const holders = { app: 0, log: 1, checkpoint: 2, anotherProcess: 3, writer: 4 } as const
export const holderOf = (label: number): number => label + noLabels.length

/** Why the lock is free and nobody takes it, unless the lane itself rests. */
type Gap = 'app' | 'anotherProcess' | 'writer'

/** How long a holder kept the others waiting, of a stretch of time. */
export type Part = readonly [holder: number, ms: number]

/** The writes of one label and lane that wait. */
export class Waiters {
  /** Its label's number. */
  readonly label: number
  readonly lane: LaneName
  count = 0
  /** What all of them have waited in this stretch is `count` times its length, and this. */
  correctionMs = 0

  constructor(label: number, lane: LaneName) {
    this.label = label
    this.lane = lane
  }
}

/**
 * Charges waits to whoever had the lock meanwhile. Time is cut into stretches: a batch is under way, or none is. A write that enters
 * or leaves costs two additions; when a stretch ends, all that its waiters have waited in it is shared out among its holders, by
 * time. So nothing is lost and nothing charged twice: what is charged to one waiter adds up to its waits.
 *
 *     stretch    s ────────────────── e      waits of one label: count·(e − s) + correction
 *     waits all  ■■■■■■■■■■■■■■■■■■■■■■                          e − s
 *     enters at a      ■■■■■■■■■■■■■■■■      (e − s) − (a − s)
 *     leaves at b■■■■■■■■■                   (b − s), no longer in count
 */
export class LockBlame {
  #sinceMs: number
  #gap: Gap = 'writer'
  readonly #resting: Record<LaneName, boolean> = { user: false, sync: false, background: false }
  readonly #all: Waiters[] = []
  /** How many writes wait or have left in this stretch: where none has, there is nothing to share out. */
  #waits = 0
  #left = 0
  /** Milliseconds by waiter and holder. */
  readonly #charged: (Float64Array | undefined)[] = []

  constructor(nowMs: number) {
    this.#sinceMs = nowMs
  }

  /** Those of one label and lane, from when there are any. */
  add(waiters: Waiters): void {
    this.#all.push(waiters)
  }

  /** Whether anybody waits, or has in this stretch. */
  get isWaitedFor(): boolean {
    return this.#waits + this.#left > 0
  }

  enter(waiters: Waiters, atMs: number): void {
    this.#waits++
    waiters.count++
    waiters.correctionMs -= this.#into(atMs)
  }

  /** It ends before a batch has taken it. */
  leave(waiters: Waiters, atMs: number): void {
    this.#waits--
    this.#left++
    waiters.count--
    waiters.correctionMs += this.#into(atMs)
  }

  /** At the beginning of a stretch: a batch takes it. */
  take(waiters: Waiters): void {
    this.#waits--
    waiters.count--
  }

  /** At the end of one, before it is shared out: its batch had no time for it, so that it has waited all along. */
  putBack(waiters: Waiters): void {
    this.#waits++
    waiters.count++
  }

  /** No batch was under way. From now on the reason is another, or a batch is. */
  endGap(nowMs: number): void {
    this.#shareOut(nowMs, undefined)
  }

  /** A batch was under way. @param parts of its whole length; of no account where nobody waited. @param next why the lock is free now. */
  endBatch(nowMs: number, parts: readonly Part[], next: Gap): void {
    this.#shareOut(nowMs, parts)
    this.#gap = next
  }

  /** The next gap has this reason; one that is open must have been ended. */
  set gap(gap: Gap) {
    this.#gap = gap
  }

  /** A lane rests from now on, or no longer does. The same holds. */
  rests(lane: LaneName, isResting: boolean): void {
    this.#resting[lane] = isResting
  }

  charge(waiters: Waiters, holder: number, ms: number): void {
    const { label } = waiters
    // One more for `other`.
    this.#charged[label] ??= new Float64Array(noLabels.length + ledgerLabelsMax + 1)
    const row = this.#charged[label]
    row[holder] = (row[holder] ?? 0) + ms
  }

  /** Longest first. @param labels their names, by number. */
  report(labels: readonly string[]): BlockedReport[] {
    const names = [...noLabels, ...labels]
    const blocked = this.#charged.flatMap((row, label) =>
      [...(row ?? []).entries()]
        .filter(([, waitedMs]) => waitedMs > 0)
        .map(([holder, waitedMs]) => ({
          waiter: labels[label] as string,
          holder: names[holder] as string,
          waitedMs,
        })),
    )
    return blocked.sort((one, other) => other.waitedMs - one.waitedMs)
  }

  get bytes(): number {
    return this.#charged.reduce((sum, row) => sum + (row?.byteLength ?? 0), 0)
  }

  #shareOut(nowMs: number, parts: readonly Part[] | undefined): void {
    const lengthMs = Math.max(0, nowMs - this.#sinceMs)
    this.#sinceMs = nowMs
    if (!this.isWaitedFor) return
    this.#left = 0
    for (const waiters of this.#all) {
      const waitedMs = waiters.count * lengthMs + waiters.correctionMs
      waiters.correctionMs = 0
      if (waitedMs > 0) this.#chargeAll(waiters, waitedMs, lengthMs, parts)
    }
  }

  #chargeAll(waiters: Waiters, waitedMs: number, lengthMs: number, parts: readonly Part[] | undefined): void {
    if (parts === undefined) this.charge(waiters, this.#holderIn(waiters.lane), waitedMs)
    else if (lengthMs > 0)
      for (const [holder, ms] of parts) this.charge(waiters, holder, (waitedMs * ms) / lengthMs)
  }

  #holderIn(lane: LaneName): number {
    return this.#gap === 'app' && this.#resting[lane] ? holders.log : holders[this.#gap]
  }

  /** How far into this stretch; of one that came before its beginning, the beginning. */
  #into(atMs: number): number {
    return Math.max(0, atMs - this.#sinceMs)
  }
}
