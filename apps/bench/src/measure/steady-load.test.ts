import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { SteadyLoad } from './steady-load.ts'

describe('a steady load', () => {
  it('counts what every caller was told, callers that wait at the same time included', async () => {
    let told = 0
    const load = new SteadyLoad(50, async (caller) => {
      for (let turn = 0; turn <= caller % 3; turn++) await nextTurn()
      told += 2
      return 2
    })
    while (told < 1_000) await nextTurn()
    await load.stop()
    expect(load.acknowledged).toBe(told)
  })

  it('ends only when the last write under way has its answer', async () => {
    let answer: (count: number) => void = () => {}
    const load = new SteadyLoad(1, () => new Promise((resolve) => (answer = resolve)))
    let stopped = false
    const stopping = load.stop().then(() => {
      stopped = true
    })
    await nextTurn()
    expect(stopped).toBe(false)
    answer(1)
    await stopping
    expect(load.acknowledged).toBe(1)
  })

  it('tells whoever stops it that a write failed', async () => {
    const load = new SteadyLoad(2, async () => {
      throw new Error('disk full')
    })
    await expect(load.stop()).rejects.toThrow('disk full')
  })
})
