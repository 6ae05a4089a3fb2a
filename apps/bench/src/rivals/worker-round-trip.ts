import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { Latencies } from '../measure/latencies.ts'
import { measureRate } from '../measure/measure-rate.ts'
import { SteadyLoad } from '../measure/steady-load.ts'
import { inTurn, makeTexts } from '../subjects/bodies.ts'
import { insertText } from '../subjects/schema.ts'
import type { Trial } from '../trials/trial.ts'

/** A thread that answers at once, with the payload and the answer of one write: what the way alone costs. */
export const roundTrip: Trial = async ({ pace }) => {
  const worker = new Worker(new URL('./echo-thread.ts', import.meta.url))
  await once(worker, 'message')
  let onAnswer: () => void = () => {}
  worker.on('message', () => onAnswer())
  const body = inTurn(makeTexts())
  const latencies = new Latencies('µs')
  const load = new SteadyLoad(1, async () => {
    const startedAt = performance.now()
    const answer = new Promise<void>((resolve) => {
      onAnswer = resolve
    })
    worker.postMessage({ sql: insertText, parameters: [body()] })
    await answer
    latencies.add(performance.now() - startedAt)
    return 1
  })
  const measured = await measureRate(pace, () => load.acknowledged, latencies)
  await load.stop()
  worker.postMessage('leave')
  await once(worker, 'exit')
  return measured
}
