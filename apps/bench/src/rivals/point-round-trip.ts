import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { measureCallers } from '../measure/measure-reads.ts'
import { makeTexts } from '../subjects/bodies.ts'
import { knownTable, randomKeys, selectPoint } from '../subjects/table.ts'
import type { Trial } from '../trials/trial.ts'

/** A thread that answers at once, with the question and the answer of one point read: what the way alone costs. */
export const pointRoundTrip: Trial = async ({ sharedFolder, pace }) => {
  const worker = new Worker(new URL('./point-echo-thread.ts', import.meta.url), {
    workerData: makeTexts()[0],
  })
  await once(worker, 'message')
  let onAnswer: (count: number) => void = () => {}
  worker.on('message', () => onAnswer(1))
  const nextKey = randomKeys(knownTable(sharedFolder))
  const measured = await measureCallers(pace, 1, 'reads/s', () => {
    const answer = new Promise<number>((resolve) => {
      onAnswer = resolve
    })
    worker.postMessage({ sql: selectPoint, parameters: [nextKey()] })
    return answer
  })
  worker.postMessage('leave')
  await once(worker, 'exit')
  return measured
}
