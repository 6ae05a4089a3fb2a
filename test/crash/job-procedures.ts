import { job } from '@lockkeeper/core/procedures'

/** Where a run of the process dies: `before:3` is inside step 3, before its write; `after:3` inside it, after its write. */
const crashPoint = process.env.CRASH_POINT ?? ''

function dieAt(point: string): void {
  if (point === crashPoint) process.kill(process.pid, 'SIGKILL')
}

/** Writes one row a step. A step that happened twice would leave two rows, one that was lost none. */
export const count = job(function* (step, input: { upto: number }) {
  let at = (step.cursor as number | undefined) ?? 0
  while (at < input.upto) {
    at++
    dieAt(`before:${at}`)
    step.tx.run('insert into steps (n) values (?)', [at])
    dieAt(`after:${at}`)
    yield { cursor: at, done: at, total: input.upto }
  }
  return at
})
