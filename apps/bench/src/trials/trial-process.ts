import { endWithParent, orderOf, sayLast } from '../processes/in-side-process.ts'
import { subjectNamed } from '../suites/registry.ts'
import type { TrialAnswer, TrialOrder } from './run-trial.ts'

// A process runs one trial of one subject and loads nothing else: one copy of SQLite, no code warmed up by a rival.
endWithParent()
const answer = await run(orderOf() as TrialOrder)
// A trial that failed may leave threads and timers; one that did not must end by itself, or its limit ends it.
sayLast(answer, 'failure' in answer ? 1 : undefined)

async function run({ settings, ...name }: TrialOrder): Promise<TrialAnswer> {
  try {
    const trial = await subjectNamed(name).load()
    return { measurements: await trial(settings) }
  } catch (error) {
    return { failure: (error as Error).stack ?? String(error) }
  }
}
