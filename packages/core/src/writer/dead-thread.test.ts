// Promise 3: what the writer's desk says of a batch whose thread died. The thread is played by the test, so that it can die at
// any point; recovery.test.ts does the same with real ones.
import { beforeEach, describe, expect, it } from 'vitest'
import { errorOf } from '../../fixtures/pending-writes.ts'
import { PlayedWriter } from '../../fixtures/played-writer.ts'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import type { PendingWrite } from '../mailbox/pending-write.ts'

let played: PlayedWriter

beforeEach(() => {
  played = new PlayedWriter()
})

/*
 * thread                          desk
 * ------                          ----
 * BEGIN … COMMIT (batch 1)
 * dies before it has answered
 *                                 starts another thread
 * reads the commit record  ──▶    tells what it says
 */
describe('a thread that died', () => {
  it('after COMMIT, before its answer: what is committed is said to be, with its result lost', async () => {
    const writes = [played.enter(), played.enter(), played.enter()]
    const { id } = played.dispatched()
    played.newThreadSays({ batch: id, answered: 3, failed: [] })
    expect(await played.outcomesOf(writes)).toEqual(Array(3).fill('result-lost committed'))
    expect(await errorOf(writes[0] as PendingWrite)).toMatchObject({ stage: 'answer', label: 'notes.add' })
    expect(played.mailbox.depth).toBe(0)
  })

  it('after a COMMIT of a part: the failed and the unbegun run again, in their order', async () => {
    const writes = [played.enter(), played.enter(), played.enter(), played.enter()]
    const { id } = played.dispatched()
    played.newThreadSays({ batch: id, answered: 3, failed: [1] })
    expect(await played.outcomesOf(writes)).toEqual([
      'result-lost committed',
      'waiting',
      'result-lost committed',
      'waiting',
    ])
    expect(played.mailbox.takeBatch()?.writes).toEqual([writes[1], writes[3]])
  })

  it('before COMMIT: everything runs again, before what came later', async () => {
    const writes = [played.enter(), played.enter()]
    const { id } = played.dispatched()
    const later = played.enter()
    played.newThreadSays({ batch: id - 1, answered: 2, failed: [] })
    expect(await played.outcomesOf(writes)).toEqual(['waiting', 'waiting'])
    expect(played.mailbox.takeBatch()?.writes).toEqual([...writes, later])
  })

  it('twice in the same item: that one is refused as poison, its neighbours run a third time', async () => {
    const [first, poison, last] = [played.enter(), played.enter(), played.enter()]
    for (const waiting of [3, 2]) {
      played.dispatched()
      played.control.setRunningItem(1)
      played.newThreadSays({ batch: 0, answered: 0, failed: [] })
      expect(played.mailbox.depth).toBe(waiting)
    }
    expect(await played.outcomesOf([first, poison, last])).toEqual([
      'waiting',
      'thread-lost not-stored',
      'waiting',
    ])
    expect(played.control.runningItem).toBeUndefined()
    expect(played.mailbox.takeBatch()?.writes).toEqual([first, last])
  })

  it('between two items blames nobody', async () => {
    const writes = [played.enter(), played.enter()]
    for (let death = 0; death < 4; death++) {
      played.dispatched()
      played.newThreadSays({ batch: 0, answered: 0, failed: [] })
    }
    expect(await played.outcomesOf(writes)).toEqual(['waiting', 'waiting'])
  })

  it('for the last time: what was under way is unknown, what waited is not stored, both are counted', async () => {
    const [underWay, waiting] = [played.enter('user', { label: 'a' }), played.enter('sync')]
    played.dispatched()
    played.desk.abandon(
      new LockkeeperError('Writing has stopped.', { code: 'writer-stopped', stage: 'admission' }),
    )
    expect(await played.outcomesOf([underWay, waiting])).toEqual([
      'writer-stopped unknown',
      'writer-stopped not-stored',
    ])
    const error = await errorOf(underWay)
    expect(error?.message).toContain('look before repeating it')
    expect(error).toMatchObject({ label: 'a', stage: 'commit' })
    expect(await played.outcomesOf([played.enter()])).toEqual(['writer-stopped not-stored'])
    expect(played.desk.notWritten).toEqual({ user: 1, sync: 1, background: 0 })
  })
})
