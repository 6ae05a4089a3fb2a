// Promise 11: the life of the governor, with played threads. Promise 13: it closes from every state.
import { simulatedClock } from '@lockkeeper/testkit'
import { beforeEach, describe, expect, it } from 'vitest'
import { createActor, type EventObject, fromCallback } from 'xstate'
import { PlayedGovernor, sizeOf } from '../../fixtures/played-governor.ts'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import {
  gapMsMax,
  restart,
  settleAgainMs,
  threadLeaveMs,
  threadLeaveMsMin,
  walIdleMs,
  walTickMs,
} from '../limits.ts'
import { governorMachine } from './governor-machine.ts'

const cause = new LockkeeperError('it died', { code: 'thread-lost', stage: 'execute' })

/** The machine, on a simulated clock of its own, with a thread that the test starts and ends. */
class Life {
  readonly played = new PlayedGovernor()
  readonly clock = simulatedClock()
  readonly actor
  threads = 0
  #tell: ((event: EventObject) => void) | undefined

  constructor() {
    const thread = fromCallback<EventObject>(({ sendBack }) => {
      this.threads++
      this.#tell = sendBack
    })
    const machine = governorMachine.provide({ actors: { thread: thread as never } })
    const { clock } = this
    this.actor = createActor(machine, { input: { desk: this.played.desk }, clock })
    this.actor.start()
  }

  start(): void {
    this.played.startThread()
    this.#tell?.({ type: 'thread.ready' })
  }

  die(): void {
    this.played.desk.connect(undefined)
    this.#tell?.({ type: 'thread.lost', cause } as EventObject)
  }

  close(): void {
    this.actor.send({ type: 'close', deadlineMs: 5_000 })
  }

  get state(): string {
    const { work } = this.actor.getSnapshot().value as { work: string | Record<string, string> }
    return typeof work === 'string' ? work : Object.entries(work).flat().join('.')
  }

  get thread(): string {
    return JSON.stringify((this.actor.getSnapshot().value as { thread: unknown }).thread)
  }

  get pressure(): unknown {
    return (this.actor.getSnapshot().value as { pressure: unknown }).pressure
  }
}

let life: Life
let played: PlayedGovernor

beforeEach(() => {
  life = new Life()
  played = life.played
  life.start()
})

function toSettling(): void {
  played.batch(sizeOf(12, 11))
}
function toEnding(): void {
  toSettling()
  played.copied({ size: sizeOf(12, 12) })
}
const toCheckpointing = (): void => played.batch(sizeOf(5))
/** Readers were in the way, so that a gap follows; one of them goes on. */
async function toGap(): Promise<void> {
  played.batch(sizeOf(20, 19))
  played.copied({ size: sizeOf(20, 20) })
  played.readers.submit('page')
  await played.readers.turn()
  played.finished({ size: sizeOf(20, 20), beginsAnew: false })
}

describe('the work', () => {
  it('is watching, until there is something to copy, and then again', () => {
    expect(life.state).toBe('watching')
    toCheckpointing()
    expect(life.state).toBe('checkpointing')
    played.copied({ size: sizeOf(5, 5) })
    expect(life.state).toBe('watching')
  })

  it('catches up beside the writer before lanes are held back for it to finish', () => {
    played.batch(sizeOf(12, 4))
    played.batch(sizeOf(15, 4))
    played.copied({ size: sizeOf(12, 12) })
    expect([life.state, played.mailbox.lanes.sync.isResting]).toEqual(['checkpointing', false])
    played.copied({ size: sizeOf(15, 15) })
    expect(life.state).toBe('finishing.settling')
  })

  it('goes over settling to ending where the writer is to finish', () => {
    toSettling()
    expect(life.state).toBe('finishing.settling')
    expect(played.mailbox.lanes.sync.isResting).toBe(true)
    played.copied({ size: sizeOf(12, 12) })
    expect(life.state).toBe('finishing.ending')
    played.finished({ size: sizeOf(12, 12), beginsAnew: true })
    expect(life.state).toBe('watching')
    expect(played.mailbox.lanes.sync.isResting).toBe(false)
  })

  it('settles again after a pass that took long', () => {
    toSettling()
    played.copied({ size: sizeOf(12, 12), ms: settleAgainMs + 1 })
    expect(life.state).toBe('finishing.settling')
    expect(played.copies).toBe(2)
    played.copied({ size: sizeOf(12, 12) })
    expect(life.state).toBe('finishing.ending')
  })

  it('goes back to watching where a read keeps the rest from being copied, and the writer is not stopped for it', async () => {
    played.readers.submit('scan', {}, 'background')
    await played.readers.turn()
    played.clock.advance(500)
    played.batch(sizeOf(12, 11))
    played.copied({ size: sizeOf(12, 11) })
    // It tries again at once, and then pauses.
    played.copied({ size: sizeOf(12, 11) })
    expect(life.state).toBe('watching')
    expect(played.orders).toEqual([])
    expect(played.mailbox.lanes.sync.isResting).toBe(false)
    expect(played.report.failures).toBe(2)
  })

  it('makes a gap after readers were in the way, and finishes in it', async () => {
    await toGap()
    expect(life.state).toBe('gap.waiting')
    played.readers.threads[0]?.answer()
    played.clock.advance(2)
    expect(life.state).toBe('gap.settling')
    played.copied({ size: sizeOf(20, 20) })
    expect(life.state).toBe('gap.ending')
    played.readers.submit('waits')
    await played.readers.turn()
    expect(played.readers.given().flat()).toEqual(['page'])
    played.finished({ size: sizeOf(20, 20), beginsAnew: true })
    expect(life.state).toBe('watching')
    await played.readers.turn()
    expect(played.readers.given().flat()).toEqual(['page', 'waits'])
  })

  it('gives a gap up in which readers go on, or the copying takes too long', async () => {
    await toGap()
    played.clock.advance(gapMsMax.interactive + 1)
    expect(life.state).toBe('watching')
    expect(played.report).toMatchObject({ failures: 2, gaps: 1 })
    played.readers.threads[0]?.answer()
    played.clock.advance(200)
    expect(life.state).toBe('gap.settling')
    played.readers.submit('waits')
    played.clock.advance(1_000)
    await played.readers.turn()
    expect(life.state).toBe('watching')
    expect(played.readers.given().flat()).toContain('waits')
    played.readers.threads[0]?.answer()
    played.copied({ size: sizeOf(20, 20) })
    expect(life.state).toBe('gap.settling')
  })

  it('copies and cuts the file once the writer is idle, and then sets no timer more', () => {
    played.isWriterIdle = true
    played.batch(sizeOf(30, 12))
    played.copied({ size: sizeOf(30, 30) })
    played.finished({ size: sizeOf(30, 30), beginsAnew: true })
    played.clock.advance(walIdleMs + walTickMs)
    expect(life.state).toBe('finishing.settling')
    played.copied({ size: sizeOf(30, 30) })
    expect(played.orders.at(-1)).toMatchObject({ truncate: true })
    played.finished({ size: sizeOf(0), beginsAnew: true })
    played.clock.advance(10_000)
    expect(life.state).toBe('watching')
    expect(played.clock.timers).toBe(0)
  })
})

it('the pressure follows the log', () => {
  expect(life.pressure).toBe('calm')
  played.batch(sizeOf(60))
  expect(life.pressure).toBe('throttling')
  played.batch(sizeOf(128))
  expect(life.pressure).toBe('pinned')
  played.copied({ size: sizeOf(128, 128) })
  played.finished({ size: sizeOf(128, 128), beginsAnew: true })
  expect(life.pressure).toBe('calm')
})

describe('a thread that dies', () => {
  it('in the middle of a copy is replaced after a pause; the work goes on without it', () => {
    toSettling()
    life.die()
    expect(life.thread).toBe('"restarting"')
    expect(life.state).toBe('finishing.ending')
    played.finished({ size: sizeOf(12, 12), beginsAnew: true })
    life.clock.advance(restart.firstMs)
    expect(life.threads).toBe(2)
    life.start()
    expect(life.thread).toContain('beside')
    toCheckpointing()
    expect(life.state).toBe('checkpointing')
  })

  it('too often is not replaced any more: the writer copies by itself', () => {
    for (let n = 0; n < 20; n++) {
      life.die()
      life.clock.advance(restart.longestMs)
    }
    expect(life.thread).toBe('"gone"')
    played.clock.advance(1_000)
    toCheckpointing()
    expect(life.state).toBe('finishing.ending')
    played.finished({ size: sizeOf(5, 5), beginsAnew: true })
    expect(life.state).toBe('watching')
  })
})

describe('closing', () => {
  const scenes: readonly [string, () => void | Promise<void>][] = [
    ['watching', () => {}],
    ['checkpointing', toCheckpointing],
    ['finishing.settling', toSettling],
    ['finishing.ending', toEnding],
    ['gap.waiting', toGap],
    [
      'gap.settling',
      async () => {
        await toGap()
        played.readers.threads[0]?.answer()
        played.clock.advance(2)
      },
    ],
  ]

  it.each(scenes)(
    'while %s it lets everybody go, and ends when its thread has left',
    async (state, reach) => {
      await reach()
      expect(life.state).toBe(state)
      life.close()
      expect(played.hasLeft).toBe(true)
      expect(played.mailbox.lanes.sync.isResting).toBe(false)
      life.die()
      expect(life.actor.getSnapshot().status).toBe('done')
      for (const thread of played.readers.threads) if (thread.canRead) thread.answer()
      expect(played.clock.timers).toBe(0)
      expect(life.clock.timers).toBe(0)
    },
  )

  it.each(scenes)(
    'while %s it ends within its deadline though the thread does not leave',
    async (_, reach) => {
      await reach()
      life.close()
      life.clock.advance(threadLeaveMs * 2)
      expect(life.actor.getSnapshot().status).toBe('done')
      expect(life.clock.timers).toBe(0)
    },
  )

  it('waits for a thread that is only starting until it has ended: then the file is free', () => {
    life = new Life()
    life.played.connectThread()
    life.actor.send({ type: 'close', deadlineMs: 0 })
    expect(life.played.hasLeft).toBe(true)
    life.clock.advance(threadLeaveMsMin)
    expect(life.played.isTerminated).toBe(true)
    life.clock.advance(threadLeaveMs - 1)
    expect(life.actor.getSnapshot().status).toBe('active')
    life.die()
    expect(life.actor.getSnapshot().status).toBe('done')
    expect(life.clock.timers).toBe(0)
  })

  it('does so while the thread is replaced, or is gone', () => {
    life.die()
    life.close()
    expect(life.actor.getSnapshot().status).toBe('done')
    expect(life.clock.timers).toBe(0)
  })
})
