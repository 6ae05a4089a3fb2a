// Promise 2: an acknowledged write is committed, and survives the death of the process by SIGKILL; promise 10's other half: what
// is atomic is stored whole or not at all.
import { openDatabase } from '@lockkeeper/core'
import { childProcess, seeded, temporaryFolder } from '@lockkeeper/testkit'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { migrations } from './notes.ts'

it('what a killed process had acknowledged is there, whole, however often and whenever it is killed', async () => {
  await using folder = await temporaryFolder()
  const file = folder.file('a.db')
  const acknowledged = new Set<number>()
  let lives = 0
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 600 }), async (tellings) => {
      // Each life has numbers of its own, above those of the lives before.
      const firstNumber = ++lives * 1_000_000
      {
        await using child = childProcess(new URL('./programs/acknowledge.ts', import.meta.url), {
          args: [file, String(firstNumber)],
        })
        await child.toldAtLeast(tellings)
        child.kill()
        expect(await child.exited).toMatchObject({ code: null, signal: 'SIGKILL' })
        for (const number of child.told) acknowledged.add(number as number)
      }
      await using db = await openDatabase({ file, migrations })
      expect(await db.readColumn('select * from pragma_integrity_check')).toEqual(['ok'])
      const stored = new Set(await db.readColumn<number>('select id from notes'))
      expect([...acknowledged].filter((number) => !stored.has(number))).toEqual([])
      expect(await db.readColumn('select note from copies except select id from notes')).toEqual([])
      expect(await db.readColumn('select id from notes except select note from copies')).toEqual([])
    }),
    seeded('processes killed', 6),
  )
  expect(acknowledged.size).toBeGreaterThan(0)
})
