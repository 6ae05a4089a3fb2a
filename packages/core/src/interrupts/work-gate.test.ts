// Promise 15: an interrupt hits the work it is meant for and no other, whatever the two threads are doing at that moment.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { gate as testGate } from '@lockkeeper/testkit'
import { describe, expect, it } from 'vitest'
import { marks, messageWorker, perMessage, waitWhile } from '../../fixtures/message-worker.ts'
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

describe('work that was handed over together', () => {
  it('is taken back from behind what runs, until it is allowed again', () => {
    const gate = new WorkGate()
    expect(gate.tryEnter(7)).toBe(true)
    expect(gate.takeBack()).toBe(8)
    expect([gate.work, gate.tryEnter(8), gate.work]).toEqual([7, false, undefined])
    expect([gate.tryEnter(7), gate.tryEnter(9)]).toEqual([true, false])
    gate.allow()
    expect(gate.tryEnter(8)).toBe(true)
    gate.leave()
  })

  it('is not taken back while nothing runs: nobody knows what was begun', () => {
    const gate = new WorkGate()
    expect(gate.takeBack()).toBeUndefined()
    expect(gate.tryEnter(7)).toBe(true)
    gate.leave()
    expect(gate.takeBack()).toBeUndefined()
    expect(gate.tryEnter(8)).toBe(true)
    gate.leave()
  })

  it('is barred as a whole, whatever runs; what runs goes on', () => {
    const gate = new WorkGate()
    gate.bar(7)
    expect([gate.tryEnter(7), gate.work]).toEqual([false, undefined])
    gate.allow()
    gate.enter(8)
    gate.bar(7)
    expect([gate.work, gate.isCancelled, gate.tryEnter(9)]).toEqual([8, false, false])
  })

  it('ends with the last number there is, and begins anew', () => {
    const gate = new WorkGate()
    expect(gate.tryEnter(workMax)).toBe(true)
    expect(gate.tryEnter(1)).toBe(true)
    gate.leave()
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

/*
 * worker                          test
 * ------                          ----
 * tryEnter(4): may
 *                                 takeBack(): 5 and on are mine
 * tryEnter(5): may not, stops
 *                                 worker did 4 of 16, the test has the other 12
 */
describe('a worker that goes through messages, and the thread that takes work back', () => {
  it.each(['takeBack', 'bar'])('never both do a piece, and never neither: %s', async (how) => {
    const gate = new WorkGate()
    const words = new Int32Array(new SharedArrayBuffer(20))
    const url = new URL('./work-gate.ts', import.meta.url).href
    const thread = new Worker(messageWorker, {
      eval: true,
      workerData: { url, buffer: gate.buffer, memory: words.buffer, marks, perMessage },
    })
    const exited = once(thread, 'exit')
    const strays: [message: number, expected: number, begun: number][] = []
    let hits = 0
    for (let message = 1; message <= 2_000; message++) {
      gate.allow()
      Atomics.store(words, marks.begun, 0)
      Atomics.store(words, marks.started, message)
      Atomics.notify(words, marks.started)
      const hasEnded = (): boolean => Atomics.load(words, marks.ended) === message
      const meetsAt = 1 + (message % 12)
      waitWhile(words, marks.begun, (begun) => begun < meetsAt)
      Atomics.store(words, marks.looks, message)
      Atomics.notify(words, marks.looks)
      for (let spin = 0; spin < (message * 37) % 3_000; spin++) if (hasEnded()) break
      let expected: number | undefined
      if (how === 'takeBack') {
        for (let next: number | undefined; expected === undefined && !hasEnded(); ) {
          next = gate.takeBack()
          if (next !== undefined) expected = next - 1
        }
        expected ??= perMessage
      } else {
        gate.bar(1)
        // What runs now was begun before; if nothing does, nothing will.
        if (gate.work === undefined) expected = Atomics.load(words, marks.begun)
      }
      waitWhile(words, marks.ended, (ended) => ended < message)
      const begun = Atomics.load(words, marks.begun)
      if (expected !== undefined && begun !== expected) strays.push([message, expected, begun])
      if (begun > 0 && begun < perMessage) hits++
    }
    Atomics.store(words, marks.over, 1)
    Atomics.store(words, marks.started, -1)
    Atomics.notify(words, marks.started)
    await exited
    expect(strays).toEqual([])
    // Else the two would not have met.
    expect(hits).toBeGreaterThan(0)
  })
})
