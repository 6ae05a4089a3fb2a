import type { PendingWrite } from '../mailbox/pending-write.ts'
import { holderOf, holders, type Part } from './lock-blame.ts'
import type { WriteRow } from './write-row.ts'

/** From when a batch was posted until it was answered. */
export interface Stretch {
  readonly lengthMs: number
  readonly waitedMs: number
  readonly heldMs: number
  readonly checkpointMs: number
  /** It came back because another process has the lock: all waited for that, the way of its messages included. */
  readonly isContended: boolean
}

/** Of a batch's stretch who kept the others waiting, and how long; what remains is the way of its messages. */
export function partsOf(holding: WriteRow[], stretch: Stretch, first: PendingWrite | undefined): Part[] {
  const { lengthMs, waitedMs, heldMs } = stretch
  if (stretch.isContended) return [[holders.anotherProcess, lengthMs]]
  const checkpointMs = Math.min(stretch.checkpointMs, lengthMs - waitedMs - heldMs)
  const sumMs = holding.reduce((sum, row) => sum + row.batchMs, 0)
  const parts: Part[] = holding.map((row) => [holderOf(row.waiters.label), (heldMs * row.batchMs) / sumMs])
  // It was held by a batch that has been undone, and comes back.
  if (holding.length === 0 && heldMs > 0)
    parts.push([first?.row === undefined ? holders.app : holderOf(first.row.waiters.label), heldMs])
  if (waitedMs > 0) parts.push([holders.anotherProcess, waitedMs])
  if (checkpointMs > 0) parts.push([holders.checkpoint, checkpointMs])
  parts.push([holders.app, lengthMs - waitedMs - heldMs - checkpointMs])
  return parts
}
