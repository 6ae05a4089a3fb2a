// Issue “living with other processes”: what a neighbour commits is announced, once, and what this process does never is.
import type { Database } from '@lockkeeper/core'
import { childProcess, type TemporaryFolder, temporaryFolder, until } from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { insert, migrations, openNotes } from './notes.ts'
import { ScriptRunner } from './script-runner.ts'

let folder: TemporaryFolder
let file: string
let db: Database
let heard: { schemaChanged: boolean }[]

beforeEach(async () => {
  folder = await temporaryFolder()
  file = folder.file('a.db')
  heard = []
  db = await openNotes(file)
  db.on('changed-outside', (change) => heard.push(change))
})

afterEach(async () => {
  await db.close()
  await folder[Symbol.asyncDispose]()
})

const theirs = `insert into notes (body) values ('theirs')`
const heardOf = (count: number) => until(`${count} changes were told`, () => heard.length >= count)

describe('changed-outside', () => {
  it('tells of a neighbour’s commit while this process is idle, and a read then sees it', async () => {
    await using neighbour = new ScriptRunner(file, [theirs, 'create table more (a)', theirs])
    await neighbour.next()
    await heardOf(1)
    expect(await db.readValue('select count(*) from notes')).toBe(1)
    await neighbour.next()
    await heardOf(2)
    expect(await db.readValue('select count(*) from more')).toBe(0)
    await neighbour.next()
    await heardOf(3)
    expect(heard).toEqual([{ schemaChanged: false }, { schemaChanged: true }, { schemaChanged: false }])
    expect(db.report().changedOutside).toEqual({ noticed: 3, schemaChanged: 1 })
  })

  it('tells of it while this process writes, too, and of many commits at most as often as it looks', async () => {
    const commits = 200
    await using neighbour = new ScriptRunner(file, [`${theirs};`.repeat(commits)])
    let done = false
    const writing = (async () => {
      while (!done) await db.write(insert, ['ours'])
    })()
    await neighbour.next()
    await heardOf(1)
    done = true
    await writing
    expect(heard.length).toBeLessThanOrEqual(commits)
    expect(new Set(heard.map(({ schemaChanged }) => schemaChanged))).toEqual(new Set([false]))
    expect(db.report().changedOutside.noticed).toBe(heard.length)
  })

  it('does not tell of what this process does itself: writes, tables, migrations at a second opening', async () => {
    for (let n = 0; n < 300; n++) await db.write(insert, [`ours ${n}`])
    await db.write('create table more (a)')
    await db.write('create index notes_body on notes (body)')
    // Enough for some automatic checkpoints.
    await db.writeMany(
      insert,
      Array.from({ length: 20_000 }, (_, n) => [`bulk ${n} ${'x'.repeat(200)}`]),
      { lane: 'sync' },
    )
    await db.close()
    const second = { set: 'test', id: 2, name: 'again', sql: 'create table again (a text) strict' }
    db = await openNotes(file)
    await db.close()
    const { openDatabase } = await import('@lockkeeper/core')
    db = await openDatabase({ file, migrations: [...migrations, second] })
    db.on('changed-outside', (change) => heard.push(change))
    await db.write('drop table again')
    // The neighbour’s is the first one told: whatever had been told of ours would have come before.
    await using neighbour = new ScriptRunner(file, [theirs])
    await neighbour.next()
    await heardOf(1)
    expect(heard).toEqual([{ schemaChanged: false }])
    expect(db.report().changedOutside).toEqual({ noticed: 1, schemaChanged: 0 })
  })

  it('does not keep a process alive that has nothing to do', async () => {
    await using child = childProcess(new URL('./programs/open-and-listen.ts', import.meta.url), {
      args: [file],
    })
    await child.toldAtLeast(1)
    expect(await child.exited).toMatchObject({ code: 0, stderr: '' })
  })
})
