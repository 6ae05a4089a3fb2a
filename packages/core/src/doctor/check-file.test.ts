import { open } from 'node:fs/promises'
import { type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { betterSqlite3 } from '../engine/better-sqlite3.ts'
import { checkFile } from './check-file.ts'
import { inspectFile } from './inspect-file.ts'
import { checkMsMax } from './limits.ts'

let folder: TemporaryFolder
let file: string

beforeEach(async () => {
  folder = await temporaryFolder()
  file = folder.file('a.db')
  const connection = new Database(file)
  connection.exec(`
    create table parents (id integer primary key);
    create table children (parent references parents, body text);
    create table "a ""b" (x unique);
    insert into "a ""b" values (1), (2);
    pragma foreign_keys = off;
    insert into children select 7, hex(randomblob(400)) from json_each('[1,2,3,4,5,6,7,8,9]');
  `)
  connection.close()
})

afterEach(() => folder[Symbol.asyncDispose]())

function checked(clock: { now(): number }, wholeBytesMax?: number) {
  const connection = betterSqlite3.openInspector(file, { hasLog: false, busyMs: 0 })
  try {
    return checkFile(connection, clock, wholeBytesMax)
  } finally {
    connection.close()
  }
}

describe('a check', () => {
  it('finds nothing wrong with a sound file but rows whose foreign key leads nowhere', () => {
    expect(inspectFile(file, { check: true }).check).toEqual({
      isWhole: true,
      problems: [],
      orphans: [{ table: 'children', parent: 'parents', rows: 9 }],
      tablesChecked: 3,
      tablesLeft: [],
    })
  })

  it('tells of a page that is damaged, by its table, and in few lines', async () => {
    const handle = await open(file, 'r+')
    const { size } = await handle.stat()
    await handle.write(Buffer.alloc(4_096, 0xff), 0, 4_096, size - 4_096)
    await handle.close()
    for (const wholeBytesMax of [undefined, 0]) {
      const { problems } = checked(performance, wholeBytesMax)
      expect(problems.length).toBeGreaterThan(0)
      expect(problems.length).toBeLessThanOrEqual(10)
    }
    expect(checked(performance, 0).problems.join('\n')).toMatch(/^children: /m)
  })

  it('of a whole file finds a page that two tables have', () => {
    const connection = new Database(file).unsafeMode()
    connection.pragma('writable_schema = on')
    connection.exec("update sqlite_schema set rootpage = 2 where name = 'children'")
    connection.close()
    expect(checked(performance).problems).not.toEqual([])
  })

  it('leaves out tables when its time is up, and says which', () => {
    let looks = 0
    const clock = { now: () => (looks++ < 2 ? 0 : checkMsMax) }
    expect(checked(clock, 0)).toEqual({
      isWhole: false,
      problems: [],
      orphans: [],
      tablesChecked: 1,
      tablesLeft: ['children', 'a "b'],
    })
  })
})
