// Promises 2, 3 and 7 with a neighbour that checkpoints all the time, with the write lock: RESTART, TRUNCATE, FULL.
import { childProcess, temporaryFolder } from '@lockkeeper/testkit'
import { expect, it } from 'vitest'
import { bodiesOf, insert, openNotes } from './notes.ts'

it('a neighbour that checkpoints all the time costs no write and no read', async () => {
  await using folder = await temporaryFolder()
  const file = folder.file('a.db')
  const acknowledged: string[] = []
  let reads = 0
  {
    await using db = await openNotes(file)
    await using neighbour = childProcess(new URL('./programs/checkpoint.ts', import.meta.url), {
      args: [file],
    })
    const checkpoints = () => Number(neighbour.told.at(-1) ?? 0)
    const enough = () => checkpoints() >= 200 && acknowledged.length >= 2_000
    await neighbour.toldAtLeast(1)
    const writing = Array.from({ length: 16 }, async (_, caller) => {
      for (let n = 0; !enough(); n++) {
        await db.write(insert, [`ours ${caller} ${n}`])
        acknowledged.push(`ours ${caller} ${n}`)
      }
    })
    const reading = Array.from({ length: 4 }, async () => {
      for (; !enough(); reads++) {
        const before = acknowledged.length
        expect(await db.readValue<number>('select count(*) from notes')).toBeGreaterThanOrEqual(before)
      }
    })
    await Promise.all([...writing, ...reading])
    const { lanes, reads: counted, restarts } = db.report()
    expect(lanes.user).toMatchObject({ committed: acknowledged.length, failed: 0 })
    expect(counted.failed).toBe(0)
    expect(restarts).toEqual({ writer: 0, readers: 0 })
  }
  expect(reads).toBeGreaterThan(0)
  await using db = await openNotes(file)
  expect(new Set(await bodiesOf(db, 'ours'))).toEqual(new Set(acknowledged))
  expect(await db.readColumn('select * from pragma_integrity_check')).toEqual(['ok'])
})
