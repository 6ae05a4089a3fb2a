// Promises 2 and 3 with a neighbour that is killed in the middle of a transaction, a part of which lies in the log already.
import { statSync } from 'node:fs'
import { childProcess, temporaryFolder, until } from '@lockkeeper/testkit'
import { expect, it } from 'vitest'
import { bodiesOf, insert, openNotes } from './notes.ts'

it('a neighbour killed with the lock and half a transaction in the log leaves both free for us', async () => {
  await using folder = await temporaryFolder()
  const file = folder.file('a.db')
  await using db = await openNotes(file)
  await db.write(insert, ['ours before'])
  const logBefore = statSync(`${file}-wal`).size
  await using neighbour = childProcess(new URL('./programs/spill.ts', import.meta.url), { args: [file] })
  await neighbour.reached('spilled')
  expect(statSync(`${file}-wal`).size).toBeGreaterThan(logBefore + 1_000_000)
  const waiting = db.write(insert, ['ours meanwhile'])
  await until('the writer is contended', () => /contended/.test(db.report().states.writer))
  expect(await bodiesOf(db, 'theirs')).toEqual([])
  neighbour.kill()
  expect(await waiting).toMatchObject({ changes: 1 })
  await neighbour.exited
  for (let n = 0; n < 20; n++) await db.write(insert, [`ours ${n}`])
  expect(await bodiesOf(db, 'theirs')).toEqual([])
  expect(await bodiesOf(db, 'ours')).toHaveLength(22)
  expect(await db.readColumn('select * from pragma_integrity_check')).toEqual(['ok'])
})
