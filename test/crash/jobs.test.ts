// Promise 2 and 13 for jobs: each step happens exactly once, whatever dies in between.
//
//   run 1   step 1  step 2 †                    killed inside a step, before its write
//   run 2           step 2 † (written)          killed inside a step, after its write and before COMMIT
//   run 3           step 2  step 3  †           killed between two steps, the last one acknowledged
//   run n                             … done

import { openDatabase } from '@lockkeeper/core'
import { childProcess, temporaryFolder } from '@lockkeeper/testkit'
import { describe, expect, it } from 'vitest'

const upto = 6
const points = [
  'before:2',
  'after:2',
  'between:3',
  'after:4',
  'before:5',
  'between:5',
  'after:6',
  'between:6',
]

async function run(file: string, crashPoint: string) {
  await using child = childProcess(new URL('./job-child.ts', import.meta.url), {
    args: [file, String(upto)],
    env: { CRASH_POINT: crashPoint },
  })
  const exit = await child.exited
  return { exit, told: child.told }
}

describe('a job', () => {
  it('is killed at every kind of point, run after run, and still does each step exactly once', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('jobs.db')
    for (const point of points) {
      const { exit } = await run(file, point)
      expect(exit.signal, `${point}: ${exit.stderr}`).toBe('SIGKILL')
    }
    const { exit, told } = await run(file, '')
    expect(exit.code, exit.stderr).toBe(0)
    expect(told).toEqual([upto])
    await using db = await openDatabase({ file })
    expect(await db.readColumn('select n from steps order by rowid')).toEqual([1, 2, 3, 4, 5, 6])
    expect(await db.readColumn('select * from pragma_integrity_check')).toEqual(['ok'])
  })
})
