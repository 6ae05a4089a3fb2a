// Promise 17 for the waiting room: whatever lies in its place, a connection says in one notice why it waits less well, leaves what
// is not its own as it is, and shares SQLite's lock as ever.
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import type { Watch } from '@lockkeeper/signals'
import { type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Contender } from './contender.ts'
import { bodiesIn, codeOf, makeDatabase, openSignalled, type SignalledConnection } from './extension.ts'
import { describeWithSignals } from './found.ts'
import { layout, roomBytes, roomOf } from './room.ts'

let folder: TemporaryFolder
let file: string
let room: string

beforeEach(async () => {
  folder = await temporaryFolder()
  file = folder.file('a.db')
  room = roomOf(file)
  makeDatabase(file)
})

afterEach(() => folder[Symbol.asyncDispose]())

/** A page as the extension makes it, changed. */
function page(change: (bytes: Buffer) => unknown): Buffer {
  const other = folder.file('pattern.db')
  makeDatabase(other)
  using _ = openSignalled(other)
  const bytes = readFileSync(roomOf(other))
  expect(bytes).toHaveLength(roomBytes)
  change(bytes)
  return bytes
}

const lay = (bytes: string | Buffer): void => writeFileSync(room, bytes)
const unchanged = (): void => {}

interface BadPlace {
  readonly name: string
  readonly put: () => void
  /** What the notice says beside the path. */
  readonly says: RegExp
}

const damaged = /is not a file of this extension, or is damaged: remove it/
const notOpened = /^opening .* failed: \w/
const badPlaces: readonly BadPlace[] = [
  { name: 'a foreign file', put: () => lay('x'.repeat(roomBytes)), says: damaged },
  { name: 'a page of zeros', put: () => lay(Buffer.alloc(roomBytes)), says: damaged },
  { name: 'a damaged header', put: () => lay(page((bytes) => bytes.write('X', 3))), says: damaged },
  {
    name: 'another number of places',
    put: () => lay(page((bytes) => bytes.writeUInt32LE(0xffff_ffff, layout.slotCount))),
    says: /is damaged: remove it/,
  },
  {
    name: 'another version',
    put: () => lay(page((bytes) => bytes.writeUInt32LE(7, layout.version))),
    says: /belongs to version 7 of this extension, and this is version 1$/,
  },
  {
    name: 'a file that is too short',
    put: () => lay(page(unchanged).subarray(0, roomBytes - 1)),
    says: /has 4095 bytes instead of 4096: remove it/,
  },
  {
    name: 'a file that is too long',
    put: () => lay(Buffer.concat([page(unchanged), Buffer.alloc(1)])),
    says: /has 4097 bytes instead of 4096: remove it/,
  },
  { name: 'a single byte', put: () => lay('\n'), says: /has 1 bytes instead of 4096: remove it/ },
  { name: 'a folder', put: () => mkdirSync(room), says: notOpened },
  { name: 'a named pipe', put: () => void execFileSync('mkfifo', [room]), says: /is not a plain file$/ },
  { name: 'a link to nowhere', put: () => symlinkSync(`${room}-s`, room), says: notOpened },
  {
    name: 'a link to a page',
    put: () => {
      writeFileSync(folder.file('page'), page(unchanged))
      symlinkSync(folder.file('page'), room)
    },
    says: notOpened,
  },
  { name: 'a link to the database', put: () => symlinkSync(file, room), says: notOpened },
]

/** What is in the room’s place: the kind of file, and its bytes if it has any. */
function footprint(): unknown {
  const { mode, ino } = lstatSync(room)
  return { mode, ino, bytes: lstatSync(room).isFile() ? readFileSync(room) : undefined }
}

/** Each of the two in turn has the lock while the other is refused, and gets it when the other has given it up. */
async function expectSharedLock(
  ours: SignalledConnection,
  options: { withoutRights?: boolean } = {},
  check: (watch: Watch) => void = () => {},
): Promise<void> {
  const waitMs = 30
  await using neighbour = await Contender.start({
    ...options,
    file,
    name: 'theirs',
    waitsMs: [20_000, waitMs, 20_000],
  })
  check(neighbour.watch)
  await neighbour.takesFree()
  ours.signals.waitAtMost(waitMs)
  expect(codeOf(ours.connection, 'begin immediate')).toBe('SQLITE_BUSY')
  await neighbour.release()
  expect(codeOf(ours.connection, "begin immediate; insert into notes (body) values ('ours')")).toBe(undefined)
  await neighbour.ask()
  expect(await neighbour.attempt()).toMatchObject({ code: 'SQLITE_BUSY' })
  await neighbour.ask()
  ours.connection.exec('commit')
  await neighbour.takes()
  await neighbour.release()
  expect(bodiesIn(file)).toEqual(['theirs', 'ours', 'theirs'])
}

describeWithSignals('in the place of the room', () => {
  it.each(badPlaces)('$name is left as it is, and said; the lock is shared', async ({ put, says }) => {
    put()
    const before = footprint()
    {
      using ours = openSignalled(file)
      const { waits, notice } = ours.watch
      expect(waits).toBe('sleeping')
      expect(notice).toContain(room)
      expect(notice).toMatch(says)
      await expectSharedLock(ours)
    }
    expect(footprint()).toEqual(before)
  })

  it('an empty file becomes the room: somebody made it and got no further', async () => {
    lay('')
    using ours = openSignalled(file)
    expect(ours.watch).toEqual({ waits: expect.stringMatching(/futex|polling/), notice: undefined })
    expect(lstatSync(room).size).toBe(roomBytes)
    await expectSharedLock(ours)
  })

  it('a room with another name too is used, and only its own name removed', async () => {
    lay(page(unchanged))
    linkSync(room, `${room}-other`)
    {
      using ours = openSignalled(file)
      expect(ours.watch.waits).not.toBe('sleeping')
      await expectSharedLock(ours)
    }
    expect(() => lstatSync(room)).toThrow(/ENOENT/)
    expect(lstatSync(`${room}-other`).size).toBe(roomBytes)
  })
})

describeWithSignals('without a room', () => {
  it('a waiter sleeps, looks, and gets the lock when it is free', async () => {
    mkdirSync(room)
    await using holder = await Contender.start({ file, name: 'holder' })
    await using waiter = await Contender.start({ file, name: 'waiter' })
    expect([holder.watch.waits, waiter.watch.waits]).toEqual(['sleeping', 'sleeping'])
    await holder.takesFree()
    await waiter.ask()
    await holder.release()
    const { woken, timedOut } = await waiter.takes()
    expect({ woken, timedOut }).toEqual({ woken: 0, timedOut: 0 })
    await waiter.release()
    expect(bodiesIn(file)).toEqual(['holder', 'waiter'])
  })

  // Root may do anything, so a process that is root becomes a user without rights for it.
  it('two processes that may not write to the folder share the lock all the same', async () => {
    const keeper = new Database(file)
    keeper.prepare('select * from notes').all() // so that the -wal and -shm files are there
    chmodSync(folder.path, 0o555)
    try {
      await using holder = await Contender.start({ file, name: 'holder', withoutRights: true })
      await using waiter = await Contender.start({ file, name: 'waiter', withoutRights: true })
      for (const { watch } of [holder, waiter]) {
        expect(watch).toEqual({ waits: 'sleeping', notice: `opening ${room} failed: Permission denied` })
      }
      expect(existsSync(room)).toBe(false)
      await holder.takesFree()
      await waiter.ask()
      await holder.release()
      await waiter.takes()
      await waiter.release()
      expect(bodiesIn(file)).toEqual(['holder', 'waiter'])
    } finally {
      chmodSync(folder.path, 0o755)
      keeper.close()
    }
  })

  it('a process that may not open the room shares the lock with one that has it open', async () => {
    using ours = openSignalled(file)
    expect(ours.watch.waits).not.toBe('sleeping')
    chmodSync(folder.path, 0o755)
    chmodSync(room, 0)
    await expectSharedLock(ours, { withoutRights: true }, (watch) => {
      expect(watch).toEqual({ waits: 'sleeping', notice: `opening ${room} failed: Permission denied` })
    })
  })
})

describeWithSignals('a database without a file', () => {
  it.each([':memory:', ''])('(%j) says so', (name) => {
    using ours = openSignalled(name)
    expect(ours.watch).toEqual({ waits: 'sleeping', notice: 'the database is not in a file' })
    expect(codeOf(ours.connection, 'begin immediate; create table a (b); commit')).toBe(undefined)
  })
})
