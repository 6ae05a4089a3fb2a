/** A row of EXPLAIN QUERY PLAN. */
export type PlanStep = readonly [id: number, parent: number, unused: unknown, detail: string]

/** What each step of a plan says, those inside another one set in: https://sqlite.org/eqp.html. */
export function planLines(steps: readonly PlanStep[]): string[] {
  const depths = new Map<number, number>()
  return steps.map(([id, parent, , detail]) => {
    const depth = (depths.get(parent) ?? -1) + 1
    depths.set(id, depth)
    return '  '.repeat(depth) + detail
  })
}
