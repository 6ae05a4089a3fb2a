import { setImmediate as eventLoopTurn } from 'node:timers/promises'
import { type BlobRow, blobRow } from '../blobs/blob-row.ts'
import { indexLimits } from '../limits.ts'
import type { VerifiedBlob } from '../types.ts'

/**
 * Prepares blobs some at a time, with turns of the event loop in between, and hands each part over; no more parts wait at once
 * than keep a flush ready behind the one under way. If some fail it goes on with the others, and throws the first error when all
 * have ended.
 */
export async function putInParts(
  blobs: readonly VerifiedBlob[],
  put: (rows: readonly BlobRow[]) => Promise<void>,
): Promise<void> {
  const waiting = new Set<Promise<void>>()
  const failures: unknown[] = []
  for (let start = 0; start < blobs.length; start += indexLimits.preparedItems) {
    if (start > 0) await eventLoopTurn()
    const rows = await Promise.all(blobs.slice(start, start + indexLimits.preparedItems).map(blobRow))
    const part: Promise<void> = put(rows)
      .catch((error: unknown) => void failures.push(error))
      .finally(() => waiting.delete(part))
    waiting.add(part)
    if (waiting.size >= indexLimits.preparedParts) await Promise.race(waiting)
  }
  await Promise.all(waiting)
  if (failures.length > 0) throw failures[0]
}
