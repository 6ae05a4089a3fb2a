import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { errorFromWire } from '../errors/wire.ts'
import type { CutOffWrites } from '../interrupts/runaway-writes.ts'
import type { Lane } from '../mailbox/lane.ts'
import type { PendingWrite } from '../mailbox/pending-write.ts'
import type { Changes } from '../procedures/define.ts'
import type { Counters } from '../telemetry/counters.ts'
import { unpackObjects } from '../wire/rows.ts'
import { withBuffers } from '../wire/values.ts'
import type { AtomicAnswer, BatchAnswers, ItemAnswer } from './batch.ts'

const noRows: readonly never[] = Object.freeze([])

/**
 * Gives every answered write its outcome, and counts them in their lane.
 * @param cutOff why those items were interrupted that were.
 * @returns how many of them failed.
 */
export function settleBatch(
  writes: readonly PendingWrite[],
  answers: BatchAnswers,
  counts: Pick<Lane['counts'], 'committed' | 'failed'>,
  cutOff?: CutOffWrites | undefined,
): number {
  const others = new Map(answers.others)
  let failed = 0
  for (let item = 0; item < answers.answered; item++) {
    const write = writes[item] as PendingWrite
    const other = others.get(item)
    if (other?.kind === 'error') {
      const error = failureOf(errorFromWire(other.error, write.label), cutOff?.get(item))
      // Its result may be all that is lost.
      if (error.outcome !== 'committed') failed++
      write.fail(error)
    } else if (other === undefined) write.commit(plainResult(answers.numbers, item))
    else settle(write, () => resultOf(answers.numbers, item, other))
  }
  counts.failed += failed
  counts.committed += answers.answered - failed
  return failed
}

/** Counts what a batch met, whatever became of its writes; before these are settled, or go back to their lane. */
export function countBatch(
  writes: readonly PendingWrite[],
  answers: BatchAnswers,
  counters: Counters,
  nowMs: number,
): void {
  counters.ledger?.writes.answered(writes, answers, nowMs)
  counters.countBusy(answers.busy)
  counters.batches += answers.commits
  for (const [item, ms] of answers.overstays) counters.overstays.add(writes[item]?.label, ms)
}

/** A write that failed of being cut off says why it was; one that failed of something else meanwhile says that. */
function failureOf(error: LockkeeperError, why: LockkeeperError | undefined): LockkeeperError {
  return why !== undefined && (error.code === 'sqlite-interrupt' || error.code === 'aborted') ? why : error
}

/** Whatever is wrong with a result, the write is committed, and its neighbours wait for their answers. */
function settle(write: PendingWrite, readResult: () => unknown): void {
  let result: unknown
  try {
    result = readResult()
  } catch (cause) {
    write.fail(
      new LockkeeperError(
        'The procedure’s writes are committed, but its result cannot be read: return plain values, arrays, objects and bytes',
        { code: 'result-lost', stage: 'answer', outcome: 'committed', label: write.label, cause },
      ),
    )
    return
  }
  write.commit(result)
}

function resultOf(
  numbers: Float64Array,
  item: number,
  other: Exclude<ItemAnswer, { kind: 'error' }>,
): unknown {
  switch (other.kind) {
    case 'output':
      return withBuffers(other.output)
    case 'job':
      return other.state
    case 'atomic':
      return other.results.map(atomicResult)
    case 'rows':
      return { ...plainResult(numbers, item), rows: unpackObjects(other.rows) }
  }
}

function plainResult(numbers: Float64Array, item: number): Changes & { readonly rows: readonly never[] } {
  return {
    changes: numbers[item * 2] as number,
    lastInsertRowid: numbers[item * 2 + 1] as number,
    rows: noRows,
  }
}

function atomicResult({ changes, lastInsertRowid, rows }: AtomicAnswer): unknown {
  return { changes, lastInsertRowid, rows: rows === undefined ? noRows : unpackObjects(rows) }
}
