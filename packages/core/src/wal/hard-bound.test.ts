// Promise 11: what the governor does at the hard bound, with played threads: whom it ends, whom it names, whom it leaves alone.
import { beforeEach, describe, expect, it } from 'vitest'
import { mib, PlayedGovernor, sizeOf } from '../../fixtures/played-governor.ts'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { gapMsMax, pinAgeMsMin, walIdleMs, walTickMs } from '../limits.ts'

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

describe('at the hard bound', () => {
  it('the read that pins the log is ended, named, and told why', async () => {
    await longRead(pinAgeMsMin)
    played.failToFinish(127)
    desk().watch()
    played.batch(sizeOf(130, 1))
    expect(played.readers.failures()).toEqual(['scan: wal-pinned'])
    expect(played.readers.failed[0]).toBeInstanceOf(LockkeeperError)
    expect(played.readers.failed[0]?.message).toMatch(/100 ms.*130 MiB.*bound is 128 MiB.*wal\.hardBytes/)
    expect(played.pinned).toEqual([
      { reader: 'reader-3', label: 'scan', ageMs: pinAgeMsMin, logBytes: 130 * mib },
    ])
    expect(played.report).toMatchObject({ pinsEnded: 1, pressure: 'pinned', restraint: 1 })
    expect(played.readers.retired).toEqual([])
  })

  it('it is not ended twice, and lower lanes pause until it is over', async () => {
    await longRead(pinAgeMsMin)
    played.failToFinish(130)
    desk().watch()
    played.enter('sync')
    played.clock.advance(gapMsMax.background)
    played.batch(sizeOf(131, 1))
    expect(played.pinned).toHaveLength(1)
    expect(lanesRest()).toBe(true)
    played.told()
    played.readers.threads[2]?.answer()
    played.clock.advance(walTickMs)
    // What it kept from being copied is copied before readers are made to wait.
    expect(played.told()).toEqual(['copy'])
    desk().copy()
    played.copied({ size: sizeOf(131, 131) })
    played.told()
    desk().watch()
    expect(played.told()).toEqual(['gap'])
  })

  it('who began to read after the pin is not ended as well, before the log was tried to be emptied again', async () => {
    await longRead(pinAgeMsMin)
    played.failToFinish(127)
    desk().watch()
    played.batch(sizeOf(130, 1))
    played.readers.submit('page')
    await played.readers.turn()
    played.readers.threads[0]?.begin()
    played.readers.threads[2]?.answer()
    played.clock.advance(pinAgeMsMin * 2)
    expect(played.readers.failures()).toEqual(['scan: wal-pinned'])
    desk().finish()
    played.finished({ size: sizeOf(130, 130), beginsAnew: false })
    desk().watch()
    expect(played.readers.failures()).toEqual(['scan: wal-pinned', 'page: wal-pinned'])
  })

  it('a pin is found out though lanes were paused before anything was tried, and the writer is idle for it', async () => {
    await longRead(pinAgeMsMin)
    desk().watch()
    played.batch(sizeOf(131, 1))
    played.enter('sync')
    played.isWriterIdle = true
    played.clock.advance(10 * walIdleMs)
    expect(lanesRest()).toBe(true)
    expect(played.told()).toContain('finish')
    desk().settle()
    played.copied({ size: sizeOf(131, 1) })
    expect(desk().isHeldUp).toBe(true)
    desk().heldUp()
    desk().letLanesGo()
    desk().watch()
    expect(played.readers.failures()).toEqual(['scan: wal-pinned'])
  })

  it('reads are left alone where the log has not been tried to be emptied yet', async () => {
    await longRead(5_000)
    desk().watch()
    played.batch(sizeOf(300, 0))
    expect(played.readers.failures()).toEqual([])
    expect(played.told()).toContain('finish')
  })

  it('somebody else’s reader is told of once, and leaves lower lanes a little', () => {
    played.failToFinish(130)
    desk().watch()
    desk().openGap()
    for (let n = 0; n < 2; n++) {
      desk().finish()
      played.finished({ size: sizeOf(130, 120), beginsAnew: false })
    }
    expect(played.pinned).toEqual([
      { reader: undefined, label: undefined, ageMs: undefined, logBytes: 130 * mib },
    ])
    desk().closeGap()
    desk().watch()
    expect(played.report).toMatchObject({ restraint: 0.95, pressure: 'pinned', pinsEnded: 0 })
  })

  it('our own reads are not ended for somebody else’s sake', async () => {
    played.failToFinish(130)
    desk().openGap()
    desk().finish()
    played.finished({ size: sizeOf(130, 120), beginsAnew: false })
    desk().closeGap()
    await longRead(5_000)
    desk().watch()
    played.batch(sizeOf(131, 120))
    expect(played.readers.failures()).toEqual([])
    expect(played.report.restraint).toBe(0.95)
  })
})
