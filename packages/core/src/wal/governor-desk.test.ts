// Promise 11: the governor's desk with played threads and a simulated clock: what it is told, what it asks for, and that
// whatever it holds back it lets go again.
import { beforeEach, describe, expect, it } from 'vitest'
import { checkpointed, mib, PlayedGovernor, sizeOf } from '../../fixtures/played-governor.ts'
import {
  checkpointRetryMs,
  gapFinishWaitMs,
  settleAgainMs,
  settlePassesMax,
  walFinishWaitMs,
  walIdleMs,
  walTickMs,
} from '../limits.ts'

let played: PlayedGovernor

beforeEach(() => {
  played = new PlayedGovernor()
  played.startThread()
})

const desk = () => played.desk
const lanesRest = () => played.mailbox.lanes.sync.isResting
/** A background read without end, which has been at it for so long. */
async function longRead(ageMs: number): Promise<void> {
  played.readers.submit('scan', {}, 'background')
  await played.readers.turn()
  played.readers.threads[2]?.begin()
  played.clock.advance(ageMs)
}

describe('a look', () => {
  it('after a batch tells the machine what to do, once it watches', () => {
    played.batch(sizeOf(12, 11))
    expect(played.told()).toEqual([])
    desk().watch()
    expect(played.told()).toEqual(['finish'])
  })

  it('comes by itself while something is to be done, and then no more', () => {
    desk().watch()
    played.isWriterIdle = true
    played.batch(sizeOf(1))
    played.clock.advance(walIdleMs + walTickMs)
    expect(played.told()).toContain('copy')
    desk().copy()
    played.copied({ size: sizeOf(1, 1) })
    desk().watch()
    played.clock.advance(10_000)
    expect(played.clock.timers).toBe(0)
    expect(played.told()).toEqual(['copied'])
  })

  it('is taken again for what was committed since, though nobody has looked at the log', () => {
    desk().watch()
    played.batch(sizeOf(1, 1))
    played.clock.advance(10_000)
    expect(played.clock.timers).toBe(0)
    played.isWriterIdle = true
    played.batch(undefined)
    played.clock.advance(walIdleMs + walTickMs)
    expect(played.told().at(-1)).toBe('copy')
  })
})

describe('before the writer finishes', () => {
  beforeEach(() => {
    desk().watch()
    played.batch(sizeOf(12))
    played.told()
  })

  it('lower lanes pause while the thread copies, and go on afterwards', () => {
    played.enter('sync')
    desk().settle()
    expect(lanesRest()).toBe(true)
    expect(played.copies).toBe(1)
    played.copied({ size: sizeOf(12, 12) })
    expect(played.told()).toEqual(['copied'])
    desk().finish()
    expect(played.orders).toEqual([{ truncate: false, waitMs: walFinishWaitMs }])
    played.finished({ size: sizeOf(12, 12), beginsAnew: true })
    desk().letLanesGo()
    expect(lanesRest()).toBe(false)
    expect(played.told()).toEqual(['finished'])
    expect(played.report).toMatchObject({ logBytes: 0, finishes: 1, copies: 1, restraint: 0 })
  })

  it('another pass follows one that took long, and not without end', () => {
    for (let pass = 1; pass <= settlePassesMax; pass++) {
      desk().settle()
      expect(played.copies).toBe(pass)
      played.copied({ size: sizeOf(12, 12), ms: settleAgainMs + 1 })
      expect(desk().mustSettleAgain).toBe(pass < settlePassesMax)
    }
    desk().letLanesGo()
    desk().settle()
    played.copied({ size: sizeOf(12, 12), ms: 1 })
    expect(desk().mustSettleAgain).toBe(false)
  })

  it('it is seen whether a read that was there before keeps the rest from being copied', async () => {
    await longRead(50)
    desk().settle()
    played.clock.advance(5)
    played.copied({ size: sizeOf(12, 6) })
    expect(desk().isHeldUp).toBe(true)
    played.copied({ size: sizeOf(12, 12) })
    expect(desk().isHeldUp).toBe(false)
  })

  it('the thread may die in the middle: the writer is asked all the same', () => {
    desk().settle()
    desk().connect(undefined)
    expect(played.told()).toEqual(['copied'])
    expect(desk().mustSettleAgain).toBe(false)
    desk().settle()
    expect(played.told()).toEqual(['copied'])
  })

  it('a copy that nobody waited for any more is not asked for twice', () => {
    desk().settle()
    desk().watch()
    desk().copy()
    desk().settle()
    expect(played.copies).toBe(1)
    played.copied({ size: sizeOf(12, 12) })
    desk().settle()
    expect(played.copies).toBe(2)
  })
})

it('a thread that is only starting is waited for: the writer does not copy what a killed process has left', () => {
  played = new PlayedGovernor()
  played.connectThread()
  desk().watch()
  played.batch(sizeOf(300))
  expect(played.told()).toContain('finish')
  desk().settle()
  expect(played.told()).toEqual([])
  desk().onMessage({ type: 'ready' })
  played.copied({ size: sizeOf(300, 300) })
  expect(played.told()).toEqual(['copied'])
})

describe('the writer', () => {
  it('that restarts while it finishes has not finished; it is asked again after a pause', () => {
    desk().watch()
    played.batch(sizeOf(12, 11))
    desk().finish()
    played.log.connect(undefined)
    expect(played.told()).toEqual(['finish', 'finished'])
    desk().watch()
    expect(played.told()).toEqual([])
    played.connectWriter()
    played.clock.advance(checkpointRetryMs + walTickMs)
    expect(played.told()).toContain('finish')
  })

  it('that is no more is not waited for', () => {
    played.log.connect(undefined)
    desk().finish()
    expect(played.told()).toEqual(['finished'])
  })

  it('is not asked to cut the file but when it is idle', () => {
    desk().watch()
    played.batch(sizeOf(30, 30))
    played.told()
    desk().finish()
    played.isWriterIdle = true
    played.finished({ size: sizeOf(30, 30), beginsAnew: true })
    desk().watch()
    played.clock.advance(walIdleMs + walTickMs)
    expect(played.told()).toContain('finish')
    desk().finish()
    expect(played.orders.map(({ truncate }) => truncate)).toEqual([false, true])
  })
})

describe('a checkpoint that fails', () => {
  const full = { code: 'sqlite-full', stage: 'commit', message: 'database or disk is full' } as never

  it('is told of, tried again after a pause, and forgotten once one succeeds', () => {
    desk().watch()
    played.batch(sizeOf(5))
    expect(played.told()).toEqual(['copy'])
    desk().copy()
    played.copied({ size: undefined, error: full })
    expect(played.told()).toEqual(['copied'])
    desk().watch()
    played.batch(sizeOf(6))
    played.clock.advance(checkpointRetryMs - 1)
    expect(played.told()).toEqual([])
    expect(played.report.lastError).toBe('database or disk is full')
    played.clock.advance(walTickMs)
    expect(played.told()).toContain('copy')
    desk().copy()
    played.copied({ size: sizeOf(6, 6) })
    expect(played.report).toMatchObject({ lastError: undefined, copiedBytes: 6 * mib })
  })

  it('on the writer too; meanwhile lower lanes get less and less of it', () => {
    desk().watch()
    played.batch(sizeOf(80))
    desk().finish()
    played.finished({ size: undefined, error: full })
    expect(played.report).toMatchObject({ lastError: 'database or disk is full', restraint: 0.5 })
    played.told()
    desk().watch()
    played.clock.advance(checkpointRetryMs + walTickMs)
    expect(played.told().at(-1)).toBe('finish')
    desk().finish()
    played.finished({ size: sizeOf(80, 80), beginsAnew: true })
    expect(played.report).toMatchObject({ lastError: undefined, restraint: 0, pressure: 'calm' })
  })
})

describe('a gap', () => {
  it('follows two looks at readers that were in the way; the writer waits for them a little longer', async () => {
    played.failToFinish(20)
    played.told()
    desk().watch()
    expect(played.told()).toEqual(['gap'])
    desk().openGap()
    expect(played.told()).toEqual(['gap.ready'])
    desk().settle()
    played.copied({ size: sizeOf(20, 20) })
    desk().finish()
    expect(played.orders.at(-1)).toEqual({ truncate: false, waitMs: gapFinishWaitMs })
    played.finished({ size: sizeOf(20, 20), beginsAnew: true })
    desk().closeGap()
    expect(played.report).toMatchObject({ gaps: 1, failures: 0 })
    expect(played.told()).toEqual(['copied', 'finished'])
  })

  it('pauses lower lanes where the log is long, for as long as it is open', () => {
    played.failToFinish(40)
    desk().watch()
    desk().openGap()
    expect(played.report).toMatchObject({ restraint: 1, pressure: 'throttling' })
    desk().heldUp()
    desk().closeGap()
    desk().watch()
    expect(played.report.restraint).toBeLessThan(0.2)
  })
})

describe('stopped', () => {
  it('in whatever it was at, it holds nothing and nobody back, and no timer is left', async () => {
    const scenes = [
      () => {},
      () => desk().settle(),
      () => desk().openGap(),
      () => {
        desk().openGap()
        desk().settle()
        desk().finish()
      },
    ]
    for (const begin of scenes) {
      played = new PlayedGovernor()
      played.startThread()
      await longRead(1)
      played.failToFinish(130)
      played.enter('sync')
      desk().watch()
      begin()
      expect(lanesRest()).toBe(true)
      desk().stop()
      desk().stop()
      expect(lanesRest()).toBe(false)
      played.readers.submit('next')
      await played.readers.turn()
      expect(played.readers.given()[0]).toContain('next')
      played.told()
      played.finished({ size: sizeOf(130, 1) })
      played.desk.onMessage({ type: 'copied', result: checkpointed() })
      played.batch(sizeOf(200))
      expect(lanesRest()).toBe(false)
      played.readers.threads[0]?.answer()
      played.readers.threads[2]?.answer()
      expect(played.clock.timers).toBe(0)
    }
  })
})

it('its thread keeps the process alive only until it is ready, and while it leaves', () => {
  expect(played.isHeld).toBe(false)
  desk().leave()
  expect(played.isHeld).toBe(true)
  expect(played.hasLeft).toBe(true)
})
