// Promise 3: every write has one honest outcome, heard or not. Tickets are lazy, so an unheard failure raises no unhandled
// rejection; what a whole process makes of that is in database/tickets.test.ts.
import { gate } from '@lockkeeper/testkit'
import { describe, expect, it } from 'vitest'
import { pendingWrite } from '../../fixtures/pending-writes.ts'
import type { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { notStored, WriteTicket } from './pending-write.ts'

const failure = notStored('The lane is full', { code: 'lane-full', label: 'notes.add' })

describe('a ticket', () => {
  it('resolves with the result, for whoever awaits it and however often', async () => {
    const write = pendingWrite()
    const ticket = new WriteTicket(write)
    const early = ticket.then((result) => ['early', result])
    write.commit(7)
    expect(await early).toEqual(['early', 7])
    expect(await ticket).toBe(7)
    expect(await ticket.outcome()).toEqual({ outcome: 'committed', result: 7 })
  })

  it('rejects with the error, also when it is awaited long after the failure', async () => {
    const write = pendingWrite()
    const ticket = new WriteTicket(write)
    write.fail(failure)
    await new Promise(setImmediate)
    await expect(ticket).rejects.toBe(failure)
    expect(await ticket.catch((error: unknown) => error)).toBe(failure)
  })

  it('tells its outcome without rejecting', async () => {
    const write = pendingWrite()
    const ticket = new WriteTicket(write)
    const outcome = ticket.outcome()
    write.fail(failure)
    expect(await outcome).toEqual({ outcome: 'not-stored', error: failure })
  })

  it('says of a failed write whether it is stored, as its error does', async () => {
    const write = pendingWrite()
    write.fail(notStored('lost', { code: 'result-lost', outcome: 'committed' }))
    expect(await new WriteTicket(write).outcome()).toMatchObject({ outcome: 'committed' })
  })

  it('runs what finally() was given, in both cases', async () => {
    const [good, bad] = [pendingWrite(), pendingWrite()]
    const ran: string[] = []
    const endings = [
      new WriteTicket(good).finally(() => ran.push('good')),
      new WriteTicket(bad).finally(() => ran.push('bad')).catch(() => 'caught'),
    ]
    good.commit(1)
    bad.fail(failure)
    expect(await Promise.all(endings)).toEqual([1, 'caught'])
    expect(ran).toEqual(['good', 'bad'])
  })

  it('knows its sequence number from admission on', () => {
    const write = pendingWrite()
    const ticket = new WriteTicket(write)
    expect(ticket.seq).toBeUndefined()
    write.seq = 3
    expect(ticket.seq).toBe(3)
  })
})

describe('a failed write', () => {
  it('is reported if nobody awaited it', async () => {
    const unheard = gate<LockkeeperError>()
    pendingWrite({ onUnheard: unheard.open }).fail(failure)
    expect(await unheard.opened).toBe(failure)
  })

  it('is not reported if somebody awaits it in the same turn of the event loop', async () => {
    const unheard = gate<LockkeeperError>()
    const write = pendingWrite({ onUnheard: unheard.open })
    write.fail(failure)
    await expect(new WriteTicket(write)).rejects.toBe(failure)
    await new Promise(setImmediate)
    expect(unheard.isOpen).toBe(false)
  })

  it('is not reported if its outcome was asked for, though the answer was ignored', async () => {
    const unheard = gate<LockkeeperError>()
    const write = pendingWrite({ onUnheard: unheard.open })
    void new WriteTicket(write).outcome()
    write.fail(failure)
    await new Promise(setImmediate)
    await new Promise(setImmediate)
    expect(unheard.isOpen).toBe(false)
  })
})

describe('a settled write', () => {
  it('cannot be settled again: two outcomes would be one too many', () => {
    const write = pendingWrite()
    write.commit(1)
    expect(() => write.commit(2)).toThrow('settled twice')
    expect(() => write.fail(failure)).toThrow('settled twice')
  })
})
