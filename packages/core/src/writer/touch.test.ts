// Promise 17: the commit by which the writer sees whether anything can be written is one that has to be written.
import { statSync } from 'node:fs'
import { temporaryFolder } from '@lockkeeper/testkit'
import { expect, it } from 'vitest'
import { betterSqlite3 } from '../engine/better-sqlite3.ts'
import { CommitRecords } from './commit-record.ts'
import { openWriter } from './open-writer.ts'

it('a touch adds to the log each time, however often in a second', async () => {
  await using folder = await temporaryFolder()
  const file = folder.file('a.db')
  const connection = openWriter(betterSqlite3, {
    file,
    migrations: [],
    durability: 'process',
    onMigration: () => {},
  })
  const records = new CommitRecords(connection, 'test')
  const sizes: number[] = []
  for (let n = 0; n < 10; n++) {
    records.touch()
    sizes.push(statSync(`${file}-wal`).size)
  }
  connection.close()
  expect(new Set(sizes).size).toBe(sizes.length)
})
