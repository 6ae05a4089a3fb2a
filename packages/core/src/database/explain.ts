import type { ReadDesk } from '../readers/desk.ts'
import { type GoodAnswer, PendingRead } from '../readers/pending-read.ts'
import { type PlanStep, planLines } from '../sql/plan-lines.ts'
import { planPatienceMs } from '../telemetry/limits.ts'
import type { Explain } from '../telemetry/plans.ts'
import { unpackArrays } from '../wire/rows.ts'

/** Asks a reader of the background class, in a read of our own that no report counts. */
export function explainOn(desk: ReadDesk): Explain {
  return (sql) =>
    new Promise((resolve, fail) => {
      const read = new PendingRead({
        work: { kind: 'plan', sql },
        label: 'lockkeeper.explain',
        isOwn: true,
        deadlineMs: planPatienceMs,
        answer: (answer) => resolve(linesOf(answer)),
        fail,
      })
      desk.submit(read, 'background')
    })
}

function linesOf(answer: GoodAnswer): string[] | undefined {
  if (answer.kind !== 'rows') return undefined
  return planLines(unpackArrays(answer.rows, answer.from, answer.count) as unknown as PlanStep[])
}
