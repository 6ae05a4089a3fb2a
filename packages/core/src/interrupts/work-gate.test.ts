// Promise 15: an interrupt hits the work it is meant for and no other, whatever the two threads are doing at that moment.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { gate as testGate } from '@lockkeeper/testkit'
import { describe, expect, it } from 'vitest'
import { WorkGate, workMax } from './work-gate.ts'

describe('a gate', () => {
  it('says what runs, until it is left', () => {
    const gate = new WorkGate()
    expect(gate.work).toBeUndefined()
    gate.enter(7)
    expect(gate.work).toBe(7)
    gate.enter(8)
    expect(gate.work).toBe(8)
    gate.leave()
    expect(gate.work).toBeUndefined()
    gate.leave()
  })

  it('fires for the work that runs, and for no other', () => {
    const gate = new WorkGate()
    const fired: number[] = []
    const fire = (work: number): boolean => gate.interruptIf(work, () => fired.push(work))
    expect(fire(7)).toBe(false)
    gate.enter(7)
    expect([fire(6), fire(7), fire(8)]).toEqual([false, true, false])
    gate.leave()
    expect([fire(7), fired]).toEqual([false, [7]])
  })

  it('opens again when firing throws', () => {
    const gate = new WorkGate()
    gate.enter(7)
    expect(() =>
      gate.interruptIf(7, () => {
        throw new Error('no')
      }),
    ).toThrow('no')
    expect(gate.work).toBe(7)
    gate.leave()
  })

  it('tells the worker that just its present work was given up', () => {
    const gate = new WorkGate()
    expect(gate.isCancelled).toBe(false)
    gate.cancel(7)
    expect(gate.isCancelled).toBe(false)
    gate.enter(6)
    expect(gate.isCancelled).toBe(false)
    gate.enter(7)
    expect(gate.isCancelled).toBe(true)
    gate.allow()
    expect(gate.isCancelled).toBe(false)
    gate.cancel(7)
    gate.leave()
    expect(gate.isCancelled).toBe(false)
  })

  it.each([0, -1, workMax + 1, Number.NaN])('lets no work pass that is numbered %d', (work) => {
    expect(() => new WorkGate().enter(work)).toThrow('cannot pass')
  })

  it('shares its words with the other thread’s gate, beside what else is in that memory', () => {
    const memory = new SharedArrayBuffer(8 + WorkGate.byteLength)
    const [mine, other] = [new WorkGate(memory, 8), new WorkGate(memory, 8)]
    mine.enter(7)
    expect(other.work).toBe(7)
    other.cancel(7)
    expect(mine.isCancelled).toBe(true)
    expect([...new Int32Array(memory, 0, 2)]).toEqual([0, 0])
    other.reset()
    expect(new WorkGate(memory, 8).work).toBeUndefined()
  })
})

/** Passes the gate as fast as it can, and keeps its present work in a word of its own, too. */
const worker = `
  const { workerData: { url, buffer, marks } } = require('node:worker_threads')
  import(url).then(({ WorkGate }) => {
    const gate = new WorkGate(buffer)
    for (let work = 1; Atomics.load(marks, 1) === 0; work++) {
      Atomics.store(marks, 0, work)
      gate.enter(work)
      // Every other time straight on to the next work, as the writer does between two items.
      if (work % 2 === 0) gate.leave()
    }
    gate.leave()
  })`

/*
 * worker                          test
 * ------                          ----
 * mark = 41; enter(41)
 *                                 looks: 41 runs
 * mark = 42; enter(42)
 *                                 interruptIf(41): nothing
 *                                 looks: 42 runs
 *                                 interruptIf(42): fires
 * leave(): waits                  … mark is 42
 */
describe('two threads at a gate', () => {
  it('never meet in another work than the one that is meant', async () => {
    const gate = new WorkGate()
    const marks = new Int32Array(new SharedArrayBuffer(8))
    const url = new URL('./work-gate.ts', import.meta.url).href
    const thread = new Worker(worker, { eval: true, workerData: { url, buffer: gate.buffer, marks } })
    const exited = once(thread, 'exit')
    const over = testGate()
    let fired = 0
    const strays: [work: number, mark: number][] = []
    const fireAt = (work: number) => (): void => {
      fired++
      for (let look = 0; look < 20; look++) {
        const mark = Atomics.load(marks, 0)
        // From an odd work it may have gone on to mark the next one, and no further than that.
        if (mark !== work && mark !== work + (work % 2)) strays.push([work, mark])
      }
    }
    const race = (): void => {
      for (let look = 0; look < 10_000; look++) {
        const { work } = gate
        if (work !== undefined) gate.interruptIf(work, fireAt(work))
      }
      if (fired > 50_000) over.open()
      else setImmediate(race)
    }
    race()
    await over.opened
    Atomics.store(marks, 1, 1)
    await exited
    expect(strays).toEqual([])
    expect(gate.work).toBeUndefined()
  })
})
