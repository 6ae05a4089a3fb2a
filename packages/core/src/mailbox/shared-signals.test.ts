// Promise 15: however many wait on one signal, it has one listener, and none once they have ended.
import { getEventListeners } from 'node:events'
import { expect, it } from 'vitest'
import { SharedSignals } from './shared-signals.ts'

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length

it('a signal has one listener as long as somebody waits on it', () => {
  const signals = new SharedSignals()
  const { signal } = new AbortController()
  const stops = Array.from({ length: 1_000 }, () => signals.listen(signal, () => {}))
  expect(listeners(signal)).toBe(1)
  for (const stop of stops.slice(1)) stop()
  expect(listeners(signal)).toBe(1)
  stops[0]?.()
  stops[0]?.()
  expect(listeners(signal)).toBe(0)
  const stop = signals.listen(signal, () => {})
  stops[0]?.()
  expect(listeners(signal)).toBe(1)
  stop()
})

it('an abort is told once, in order, to those who still wait, and then nobody listens any more', () => {
  const signals = new SharedSignals()
  const aborting = new AbortController()
  const told: string[] = []
  signals.listen(aborting.signal, () => {
    told.push('a')
    stopC()
  })
  signals.listen(aborting.signal, () => told.push('b'))
  const stopC = signals.listen(aborting.signal, () => told.push('c'))
  const stopD = signals.listen(new AbortController().signal, () => told.push('d'))
  aborting.abort()
  expect([told, listeners(aborting.signal)]).toEqual([['a', 'b'], 0])
  stopD()
})
