import { open } from 'node:fs/promises'
import { type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
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

describe('a check', () => {
  it('finds nothing wrong with a sound file but rows whose foreign key leads nowhere', () => {
    expect(inspectFile(file, { check: true }).check).toEqual({
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
    const { check } = inspectFile(file, { check: true })
    expect(check?.problems.length).toBeGreaterThan(0)
    expect(check?.problems.length).toBeLessThanOrEqual(10)
    expect(check?.problems.join('\n')).toMatch(/^children: /m)
  })

  it('leaves out tables when its time is up, and says which', () => {
    let looks = 0
    const clock = { now: () => (looks++ < 2 ? 0 : checkMsMax) }
    expect(inspectFile(file, { check: true, clock }).check).toEqual({
      problems: [],
      orphans: [],
      tablesChecked: 1,
      tablesLeft: ['children', 'a "b'],
    })
  })
})
