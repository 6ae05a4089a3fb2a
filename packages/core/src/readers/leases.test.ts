// Promise 11: who reads, since when, and how the one that pins the log is ended and named.
import { beforeEach, expect, it } from 'vitest'
import { PlayedReaders } from '../../fixtures/played-readers.ts'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { overdueMs } from '../limits.ts'
import { Leases } from './leases.ts'

let readers: PlayedReaders
let leases: Leases

beforeEach(() => {
  readers = new PlayedReaders({ readers: { interactive: 2, background: 1 } })
  leases = new Leases(readers.desk, readers.clock)
})

const pinned = () => new LockkeeperError('it pins the log', { code: 'wal-pinned', stage: 'read' })
const endOldest = () => leases.endOldest(pinned)

async function begin(label: string, to: 'interactive' | 'background' = 'interactive'): Promise<void> {
  readers.submit(label, {}, to)
  await readers.turn()
}

it('there is none where nobody reads', () => {
  expect(leases.oldest()).toBeUndefined()
  expect(endOldest()).toBeUndefined()
})

it('the oldest is the one that began first, of the classes asked for', async () => {
  await begin('scan', 'background')
  readers.clock.advance(5)
  await begin('page')
  readers.threads[0]?.begin()
  readers.threads[2]?.begin()
  readers.clock.advance(3)
  expect(leases.oldest()).toEqual({
    reader: 'reader-3',
    readClass: 'background',
    label: 'scan',
    ageMs: 8,
    isEnding: false,
  })
  expect(leases.oldest(['interactive'])).toMatchObject({ reader: 'reader-1', label: 'page', ageMs: 3 })
  readers.threads[2]?.answer()
  expect(leases.oldest()).toMatchObject({ reader: 'reader-1' })
})

it('a snapshot counts from when it got its reader, whatever is read in it', async () => {
  const lease = readers.snapshot()
  await readers.turn()
  readers.threads[0]?.reply()
  readers.clock.advance(100)
  lease.submit(readers.read('snapshot/a'))
  await readers.turn()
  expect(leases.oldest()).toMatchObject({ label: 'snapshot', ageMs: 100 })
})

it('a read is ended with an error that says why, and counts as ending until its reader is back', async () => {
  await begin('scan')
  readers.threads[0]?.begin()
  expect(endOldest()).toMatchObject({ reader: 'reader-1', label: 'scan' })
  expect(readers.failures()).toEqual(['scan: wal-pinned'])
  expect(leases.oldest()).toMatchObject({ reader: 'reader-1', isEnding: true })
  expect(endOldest()).toBeUndefined()
  readers.threads[0]?.answer()
  expect(leases.oldest()).toBeUndefined()
})

it('between two reads of a message nobody is ended, nor counted as ending', async () => {
  await begin('a')
  expect(endOldest()).toBeUndefined()
  expect(leases.oldest()).toMatchObject({ isEnding: false })
  readers.threads[0]?.begin()
  expect(endOldest()).toMatchObject({ label: 'a' })
})

it('a read that was given up for another reason is ending already, and is not failed twice', async () => {
  const aborting = new AbortController()
  readers.submit('a', { signal: aborting.signal })
  await readers.turn()
  readers.threads[0]?.begin()
  aborting.abort()
  expect(leases.oldest()).toMatchObject({ isEnding: true })
  expect(endOldest()).toBeUndefined()
  expect(readers.failures()).toEqual(['a: aborted'])
})

it('a snapshot is ended, and its reader can be lent to another at once', async () => {
  const lease = readers.snapshot()
  await readers.turn()
  readers.threads[0]?.reply()
  expect(endOldest()).toMatchObject({ label: 'snapshot' })
  lease.submit(readers.read('snapshot/a'))
  expect(readers.failures()).toEqual(['snapshot/a: wal-pinned'])
  expect(leases.oldest()).toMatchObject({ isEnding: true })
  readers.threads[0]?.reply()
  expect(leases.oldest()).toBeUndefined()
  readers.clock.advance(1)
  readers.snapshot({ label: 'next' })
  await readers.turn()
  expect(leases.oldest()).toMatchObject({ label: 'next', isEnding: false })
})

it('a stream is ended, and its consumer told', async () => {
  const stream = readers.stream()
  await readers.turn()
  readers.threads[0]?.reply()
  expect(endOldest()).toMatchObject({ label: 'stream' })
  await expect(stream.next()).rejects.toMatchObject({ code: 'wal-pinned', label: 'stream' })
})

it('a reader that can not be had back pins the log even after another has taken its place', async () => {
  await begin('scan', 'background')
  readers.threads[2]?.begin()
  endOldest()
  readers.clock.advance(overdueMs)
  expect(readers.retired).toMatchObject([{ reader: 'reader-3' }])
  await begin('next', 'background')
  expect(leases.oldest()).toMatchObject({ reader: 'reader-3', readClass: 'background', isEnding: true })
  readers.threads[2]?.answer()
  expect(leases.oldest()).toMatchObject({ label: undefined, reader: 'reader-4', isEnding: false })
})
