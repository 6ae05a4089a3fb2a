// Issue 8: those who watch harm nobody. Promises 3 and 13 hold with broken subscribers, and a watched report keeps nothing alive.
import { childProcess, type TemporaryFolder, temporaryFolder, until } from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openNotes } from '../../fixtures/open-notes.ts'

const program = (name: string): URL => new URL(`../../fixtures/programs/${name}.ts`, import.meta.url)

let folder: TemporaryFolder

beforeEach(async () => {
  folder = await temporaryFolder()
})

afterEach(() => folder[Symbol.asyncDispose]())

describe('those who watch', () => {
  it('on channels and throw: every write and read has its outcome, and Node says what was thrown', async () => {
    await using child = childProcess(program('throwing-subscriber'), { args: [folder.file('a.db')] })
    expect(await child.exited).toMatchObject({ code: 0, signal: null })
    expect(child.told).toEqual([
      {
        outcomes: [...Array(9).fill('committed'), 'not-stored'],
        count: 9,
        notWritten: { user: 0, sync: 0, background: 0 },
        hasThrown: true,
      },
    ])
  })

  it('the report do not keep the process alive', async () => {
    await using child = childProcess(program('watch-and-leave'), { args: [folder.file('a.db')] })
    expect(await child.exited).toEqual({ code: 0, signal: null, stderr: '' })
    expect(child.told).toEqual([{ first: 1 }])
  })

  it('the report see it change, until the database has closed', async () => {
    const db = await openNotes(folder.file('a.db'))
    const committed: number[] = []
    db.watchReport(({ lanes }) => committed.push(lanes.user.committed), { everyMs: 100 })
    await until('it was told', () => committed.length > 0)
    await db.write('insert into notes (id) values (1)')
    await until('it was told again', () => committed.at(-1) === 1)
    await db.close()
    expect(() => db.watchReport(() => {})).toThrow(expect.objectContaining({ code: 'closed' }))
  })
})
