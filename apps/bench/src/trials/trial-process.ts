import { subjectNamed } from '../suites/registry.ts'
import type { TrialAnswer, TrialOrder } from './run-trial.ts'

// A process runs one trial of one subject and loads nothing else: one copy of SQLite, no code warmed up by a rival.
const orphaned = (): void => process.exit(1)
process.once('disconnect', orphaned)
const answer = await run(JSON.parse(process.argv[2] ?? '{}') as TrialOrder)
process.send?.(answer, () => {
  // A trial that failed may leave threads and timers; one that did not must end by itself, or its limit ends it.
  if ('failure' in answer) process.exit(1)
  process.off('disconnect', orphaned)
  if (process.connected) process.disconnect()
})

async function run({ settings, ...name }: TrialOrder): Promise<TrialAnswer> {
  try {
    const trial = await subjectNamed(name).load()
    return { measurements: await trial(settings) }
  } catch (error) {
    return { failure: (error as Error).stack ?? String(error) }
  }
}
