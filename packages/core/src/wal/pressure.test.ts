// Promise 11: what a long log costs others, and who is told of it.
import { beforeEach, expect, it } from 'vitest'
import { bounds, mib } from '../../fixtures/played-governor.ts'
import { PlayedReaders } from '../../fixtures/played-readers.ts'
import { PlayedWriter } from '../../fixtures/played-writer.ts'
import { Leases } from '../readers/leases.ts'
import type { WalView } from './policy.ts'
import { Pressure, type WalPinned } from './pressure.ts'

let readers: PlayedReaders
let pressure: Pressure
let told: WalPinned[]

beforeEach(() => {
  readers = new PlayedReaders()
  told = []
  pressure = new Pressure({
    bounds,
    restraint: new PlayedWriter().mailbox.restraint,
    leases: new Leases(readers.desk, readers.clock),
    onPinned: (pinned) => told.push(pinned),
  })
})

const viewOf = (log: number, fields: Partial<WalView> = {}) =>
  ({ logBytes: log * mib, failures: 0, isForeign: false, ...fields }) as WalView
const foreign = { failures: 3, isForeign: true }

it('has a level and a share, and says when the level changes', () => {
  const seen = [31, 40, 80, 128, 200, 50, 0].map((log) => {
    const hasChanged = pressure.apply(viewOf(log), false)
    return `${pressure.level} ${pressure.share.toFixed(2)}${hasChanged ? ' changed' : ''}`
  })
  expect(seen).toEqual([
    'calm 0.00',
    'throttling 0.08 changed',
    'throttling 0.50',
    'pinned 1.00 changed',
    'pinned 1.00',
    'throttling 0.19 changed',
    'calm 0.00 changed',
  ])
})

it('tells of somebody else’s reader at the hard bound once, and again only after the log was short', () => {
  pressure.apply(viewOf(127, foreign), false)
  expect(told).toEqual([])
  pressure.apply(viewOf(128, foreign), false)
  pressure.apply(viewOf(127, foreign), false)
  pressure.apply(viewOf(129, foreign), false)
  expect(told).toMatchObject([{ reader: undefined, logBytes: 128 * mib }])
  pressure.apply(viewOf(0), false)
  pressure.apply(viewOf(130, foreign), false)
  expect(told).toHaveLength(2)
})

it('blames nobody where the log is long because it was not copied yet', () => {
  pressure.apply(viewOf(300), false)
  expect(told).toEqual([])
})

it('counts only reads that it has ended', async () => {
  expect(pressure.endPin(viewOf(130))).toBe(false)
  readers.submit('a')
  await readers.turn()
  expect(pressure.endPin(viewOf(130))).toBe(false)
  readers.threads[0]?.begin()
  expect(pressure.endPin(viewOf(130))).toBe(true)
  expect(pressure.endPin(viewOf(130))).toBe(false)
  expect(pressure.pinsEnded).toBe(1)
  expect(told).toMatchObject([{ reader: 'reader-1', label: 'a', logBytes: 130 * mib }])
})
