import type { Connection } from '../engine/port.ts'
import { errorFromThrown, isBusy } from '../errors/from-sqlite.ts'
import { runTask } from '../maintenance/run-task.ts'
import type { AnswerSheet } from './answer-sheet.ts'
import { type Batch, type BatchAnswers, workAt } from './batch.ts'
import type { WriterControl } from './control.ts'

export interface SoloParts {
  readonly connection: Connection
  readonly control: WriterControl
}

/**
 * Runs a batch of one task outside a transaction of ours. A taken lock sends it back to its lane, where its deadline and
 * signal reach it, like a batch that could not begin. No commit record tells of it: lost with its thread, it is run again,
 * which changes nothing that the first run had done already.
 */
export function runSolo({ connection, control }: SoloParts, batch: Batch, sheet: AnswerSheet): BatchAnswers {
  const work = workAt(batch, 0)
  if (work.kind !== 'maintenance') throw new Error(`A ${work.kind} was to run outside a transaction`)
  const startedAt = performance.now()
  try {
    control.setRunningItem(0)
    const output = runTask(connection, work.task)
    sheet.set(0, { changes: undefined, answer: { kind: 'output', output } })
  } catch (thrown) {
    const error = errorFromThrown(thrown, { stage: 'execute', outcome: 'not-stored' })
    if (isBusy(error.code)) {
      sheet.busy[error.code] = (sheet.busy[error.code] ?? 0) + 1
      sheet.lock.refused(startedAt, performance.now())
      return sheet.contended(error)
    }
    sheet.fail(0, error, 'execute')
  } finally {
    control.setRunningItem(undefined)
    // What moves within the file is no change of anybody's rows.
    connection.signals?.touched()
  }
  const endedAt = performance.now()
  const tookMs = endedAt - startedAt
  sheet.lock.begun(startedAt, endedAt, false)
  sheet.lock.released(endedAt)
  sheet.took(0, tookMs)
  if (tookMs > batch.sliceMs) sheet.overstayed(0, tookMs)
  return sheet.finish(1)
}
