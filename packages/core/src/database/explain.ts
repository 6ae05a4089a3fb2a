import type { ReadDesk } from '../readers/desk.ts'
import { type GoodAnswer, PendingRead } from '../readers/pending-read.ts'
import { planPatienceMs } from '../telemetry/limits.ts'
import type { Explain } from '../telemetry/plans.ts'
import { unpackArrays } from '../wire/rows.ts'

/** Asks a reader of the background class, in a read of our own that no report counts. */
export function explainOn(desk: ReadDesk): Explain {
  return ({ sql, parameters }) =>
    new Promise((resolve, fail) => {
      const read = new PendingRead({
        work: { kind: 'plan', sql, parameters },
        label: 'lockkeeper.explain',
        isOwn: true,
        deadlineMs: planPatienceMs,
        answer: (answer) => resolve(linesOf(answer)),
        fail,
      })
      desk.submit(read, 'background')
    })
}

/** What each step of the plan says, those inside another one set in: https://sqlite.org/eqp.html. */
function linesOf(answer: GoodAnswer): string[] | undefined {
  if (answer.kind !== 'rows') return undefined
  const steps = unpackArrays(answer.rows, answer.from, answer.count) as [number, number, unknown, string][]
  const depths = new Map<number, number>()
  return steps.map(([id, parent, , detail]) => {
    const depth = (depths.get(parent) ?? -1) + 1
    depths.set(id, depth)
    return '  '.repeat(depth) + detail
  })
}
