// The room lies beside the database whatever the database is called, and is the same room by whatever path it is opened
// (promise 17: a name that can't have a room costs the room, not the lock).
import { mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { basename, relative } from 'node:path'
import { type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Contender } from './contender.ts'
import { bodiesIn, codeOf, makeDatabase, openSignalled } from './extension.ts'
import { describeWithSignals } from './found.ts'
import { lookInto, roomOf } from './room.ts'

let folder: TemporaryFolder

beforeEach(async () => {
  folder = await temporaryFolder()
})

afterEach(() => folder[Symbol.asyncDispose]())

const names = [
  `it's "quoted" \`thrice\`.db`,
  'with  spaces.db',
  'naïve Å 数据库 🗄️ \u200f.db',
  'cafe\u0301.db',
  '100%25 %s %n %p.db',
  'a#b?c=d&mode=ro.db',
  'file:memory?.db',
  'two\nlines\ttab\u0001\u007f.db',
  'back\\slash.db',
  '-dash; --.db',
  `${'n'.repeat(197)}.db`,
].map((name) => ({ name, title: JSON.stringify(name.length > 60 ? `${name.slice(0, 10)}…` : name) }))

describeWithSignals('a database named', () => {
  it.each(names)('$title has a room of its name, where processes queue', async ({ name }) => {
    const file = folder.file(name)
    makeDatabase(file)
    await using holder = await Contender.start({ file, name: 'holder' })
    await using waiter = await Contender.start({ file, name: 'waiter', ending: 'close' })
    expect(holder.watch.notice).toBe(undefined)
    expect(readdirSync(folder.path)).toContain(`${name}-lockkeeper`)
    await holder.takesFree()
    await waiter.queues()
    await holder.release()
    await waiter.takes()
    expect(bodiesIn(file)).toEqual(['holder'])
  })

  it.each(names)('$title is named as it is in a notice', ({ name }) => {
    const file = folder.file(name)
    makeDatabase(file)
    mkdirSync(roomOf(file))
    using ours = openSignalled(file)
    expect(ours.watch.waits).toBe('sleeping')
    expect(ours.watch.notice).toContain(roomOf(file))
  })

  it.each([
    { title: 'with 246 letters', name: `${'n'.repeat(243)}.db` },
    { title: 'with 247 bytes of 125 letters', name: `${'é'.repeat(122)}.db` },
  ])('$title has no room, says so, and shares the lock', async ({ name }) => {
    const file = folder.file(name)
    makeDatabase(file)
    using ours = openSignalled(file)
    expect(ours.watch).toEqual({
      waits: 'sleeping',
      notice: `opening ${roomOf(file)} failed: File name too long`,
    })
    await using neighbour = await Contender.start({ file, name: 'theirs' })
    await neighbour.takesFree()
    ours.signals.waitAtMost(30)
    expect(codeOf(ours.connection, 'begin immediate')).toBe('SQLITE_BUSY')
    await neighbour.release()
    expect(codeOf(ours.connection, "begin immediate; insert into notes (body) values ('ours')")).toBe(
      undefined,
    )
    await neighbour.ask()
    ours.connection.exec('commit')
    await neighbour.takes()
    await neighbour.release()
    expect(bodiesIn(file)).toEqual(['theirs', 'ours', 'theirs'])
    expect(
      readdirSync(folder.path)
        .map((entry) => entry.replace(basename(file), ''))
        .toSorted(),
    ).toEqual(['', '-shm', '-wal'])
  })
})

describeWithSignals('a database opened by another path', () => {
  it('has the same room: relative, with detours, through a link', async () => {
    const file = folder.file('a.db')
    makeDatabase(file)
    mkdirSync(folder.file('inner'))
    symlinkSync(file, folder.file('link.db'))
    symlinkSync(folder.path, folder.file('inner/out'))
    await using holder = await Contender.start({ file, name: 'holder' })
    await holder.takesFree()
    const holderSeen = lookInto(file).holder
    for (const path of [
      relative(process.cwd(), file),
      `${folder.path}/./inner/..//a.db`,
      folder.file('link.db'),
      folder.file('inner/out/a.db'),
    ]) {
      using ours = openSignalled(path)
      expect(ours.watch.notice).toBe(undefined)
      expect(codeOf(ours.connection, 'begin immediate')).toBe('SQLITE_BUSY')
      expect(lookInto(file).holder).toEqual(holderSeen)
      expect(readdirSync(folder.path).filter((name) => name.endsWith('-lockkeeper'))).toEqual([
        'a.db-lockkeeper',
      ])
      expect(readdirSync(folder.file('inner'))).toEqual(['out'])
    }
  })
})
