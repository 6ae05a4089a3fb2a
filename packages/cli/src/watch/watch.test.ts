// Watching in simulated time: looks follow each other with a pause, failures are told and do not end it, Ctrl-C does.
import { gate, simulatedClock, until } from '@lockkeeper/testkit'
import { describe, expect, it } from 'vitest'
import { watch } from './watch.ts'

/** A watch whose looks the test answers: with a number, which is shown, or an error. */
function watching() {
  const clock = simulatedClock()
  const interruption = new AbortController()
  const looks: PromiseWithResolvers<number>[] = []
  const shown: (number | string)[] = []
  const ended = watch({
    look: () => {
      const look = Promise.withResolvers<number>()
      looks.push(look)
      return look.promise
    },
    show: (seen) => void shown.push(seen),
    showFailure: (error, failures) => void shown.push(`${(error as Error).message} ${failures}`),
    intervalMs: 2_000,
    clock,
    signal: interruption.signal,
  })
  const paused = (): Promise<void> => until('the watch pauses', () => clock.timers === 1)
  return { clock, looks, shown, ended, paused, interrupt: () => interruption.abort() }
}

describe('a watch', () => {
  it('looks, shows, and looks again after the pause and not before', async () => {
    const { clock, looks, shown, ended, paused, interrupt } = watching()
    looks[0]?.resolve(1)
    await paused()
    expect(shown).toEqual([1])
    clock.advance(1_999)
    expect(looks).toHaveLength(1)
    clock.advance(1)
    await until('it looks', () => looks.length === 2)
    looks[1]?.resolve(2)
    await paused()
    expect(shown).toEqual([1, 2])
    interrupt()
    await ended
    expect(clock.timers).toBe(0)
  })

  it('goes on when what it looks at goes, and counts how often it was not there, until it is back', async () => {
    const { clock, looks, shown, ended, paused, interrupt } = watching()
    const answer = async (at: number, value: number | Error): Promise<void> => {
      await until('it looks', () => looks.length === at + 1)
      if (value instanceof Error) looks[at]?.reject(value)
      else looks[at]?.resolve(value)
      await paused()
      clock.advance(2_000)
    }
    await answer(0, 1)
    await answer(1, new Error('gone'))
    await answer(2, new Error('gone'))
    await answer(3, 2)
    await answer(4, new Error('gone'))
    expect(shown).toEqual([1, 'gone 1', 'gone 2', 2, 'gone 1'])
    await until('it looks', () => looks.length === 6)
    interrupt()
    looks[5]?.reject(new Error('aborted'))
    await ended
    expect(shown).toHaveLength(5)
  })

  it('ends with the first look, if that fails: the address was never right', async () => {
    const { looks, ended } = watching()
    looks[0]?.reject(new Error('nobody there'))
    await expect(ended).rejects.toThrow('nobody there')
  })

  it('does not begin when it is to end already', async () => {
    const looked = gate()
    await watch({
      look: async () => looked.open(),
      show: () => {},
      showFailure: () => {},
      intervalMs: 1,
      clock: simulatedClock(),
      signal: AbortSignal.abort(),
    })
    expect(looked.isOpen).toBe(false)
  })
})
