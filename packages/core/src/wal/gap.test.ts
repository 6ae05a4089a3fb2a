// Promises 7 and 11: a gap holds new leases back until the running ones have ended, background first, and always lets them go.
import { beforeEach, describe, expect, it } from 'vitest'
import { PlayedReaders } from '../../fixtures/played-readers.ts'
import { gapMsMax, gapSettleMsMax } from '../limits.ts'
import { Leases } from '../readers/leases.ts'
import { Gap } from './gap.ts'

let readers: PlayedReaders
let gap: Gap
/** What was told of the gap. */
let told: string[]

beforeEach(() => {
  readers = new PlayedReaders({ readers: { interactive: 2, background: 1 } })
  gap = new Gap(readers.clock, new Leases(readers.desk, readers.clock))
  told = []
})

const open = () => gap.open((isQuiet) => told.push(isQuiet ? 'quiet' : 'over'))

async function begin(label: string, to: 'interactive' | 'background' = 'interactive'): Promise<void> {
  readers.submit(label, {}, to)
  await readers.turn()
}

/** What the threads were given so far. */
const given = () => readers.given().flat()

it('is quiet at once where nobody reads', () => {
  open()
  expect(told).toEqual(['quiet'])
  expect(gap.isOpen).toBe(true)
})

it('lets those that run end, and those that come wait', async () => {
  await begin('a')
  open()
  await begin('b')
  expect(given()).toEqual(['a'])
  readers.threads[0]?.answer()
  readers.clock.advance(2)
  expect(told).toEqual(['quiet'])
  await readers.turn()
  expect(given()).toEqual(['a'])
  expect(gap.close()).toBe(true)
  await readers.turn()
  expect(given()).toEqual(['a', 'b'])
})

it('holds interactive reads only once background ones are over (promise 7)', async () => {
  await begin('slow', 'background')
  open()
  await begin('person')
  await begin('batch', 'background')
  expect(given()).toEqual(['person', 'slow'])
  readers.threads[0]?.answer()
  readers.threads[2]?.answer()
  readers.clock.advance(2)
  expect(told).toEqual(['quiet'])
  await begin('second person')
  expect(given()).toEqual(['person', 'slow'])
})

it.each(['interactive', 'background'] as const)(
  'gives up on a %s read that goes on for too long',
  async (name) => {
    await begin('long', name)
    open()
    readers.clock.advance(gapMsMax[name] - 1)
    expect(told).toEqual([])
    readers.clock.advance(2)
    expect(told).toEqual(['over'])
  },
)

it('never holds interactive reads for a background one that goes on', async () => {
  await begin('long', 'background')
  open()
  readers.clock.advance(gapMsMax.background)
  await begin('person')
  expect(given()).toEqual(['person', 'long'])
})

it('tells that its time is over where nobody closes it, and keeps the process alive till then', () => {
  open()
  expect(readers.clock.timers).toBe(1)
  readers.clock.advance(gapSettleMsMax)
  expect(told).toEqual(['quiet', 'over'])
  expect(readers.clock.timers).toBe(1)
  gap.close()
  expect(readers.clock.timers).toBe(0)
})

it('snapshots and streams wait as well; reads inside a snapshot go on', async () => {
  const lease = readers.snapshot()
  await readers.turn()
  readers.threads[0]?.reply()
  open()
  readers.snapshot({ label: 'second' })
  readers.stream()
  lease.submit(readers.read('snapshot/a'))
  await readers.turn()
  expect(given()).toEqual(['snapshot/a'])
  expect(readers.threads[1]?.inbox).toEqual([])
  readers.threads[0]?.answer()
  lease.end()
  readers.threads[0]?.reply()
  readers.clock.advance(2)
  expect(told).toEqual(['quiet'])
})

describe('closed', () => {
  it('in the middle of either wait, everybody goes on, and nothing more is told', async () => {
    for (const name of ['interactive', 'background'] as const) {
      await begin(`long ${name}`, name)
      open()
      await begin(`waits ${name}`, name)
      expect(gap.close()).toBe(true)
      expect(readers.clock.timers).toBe(0)
      for (const thread of readers.threads) if (thread.canRead) thread.answer()
      await readers.turn()
      for (const thread of readers.threads) if (thread.canRead) thread.answer()
      expect(readers.answered).toContain(`waits ${name}`)
    }
    expect(told).toEqual([])
  })

  it('twice, or before it was opened, says that it was not open', () => {
    expect(gap.close()).toBe(false)
    open()
    gap.close()
    expect(gap.close()).toBe(false)
  })
})

it('a reader that dies in the middle is none that reads, and its read goes on afterwards', async () => {
  await begin('a')
  open()
  readers.threads[0]?.die()
  readers.clock.advance(2)
  expect(told).toEqual(['quiet'])
  readers.threads[0]?.connect()
  await readers.turn()
  expect(given()).toEqual(['a'])
  gap.close()
  await readers.turn()
  expect(given()).toEqual(['a', 'a'])
})
