// The `sqlite3` command with the same file: it writes, reads and backs up while we write. It is no requirement: where it is not
// installed, the tests are left out, and say so.
import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import type { Database } from '@lockkeeper/core'
import { type TemporaryFolder, temporaryFolder, until } from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bodiesOf, insert, openNotes } from './notes.ts'

/** It must know what STRICT is, 3.37 and later; the macOS and BSD systems ship it, Linux often does not. */
function whyNot(): string | undefined {
  const { error, stdout } = spawnSync('sqlite3', ['-version'], { encoding: 'utf8' })
  if (error !== undefined) return 'there is no sqlite3 command'
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(stdout) ?? []
  return Number(major) === 3 && Number(minor) >= 37
    ? undefined
    : `the sqlite3 command is of version ${stdout.trim()}`
}

const reason = whyNot()

describe.runIf(reason === undefined)(
  `the sqlite3 command${reason === undefined ? '' : ` (left out: ${reason})`}`,
  () => {
    let folder: TemporaryFolder
    let file: string
    let db: Database

    beforeEach(async () => {
      folder = await temporaryFolder()
      file = folder.file('a.db')
      db = await openNotes(file)
    })

    afterEach(async () => {
      await db.close()
      await folder[Symbol.asyncDispose]()
    })

    /** Runs one line of it, with patience. */
    async function command(line: string, on = file): Promise<string> {
      const { stdout } = await promisify(execFile)('sqlite3', ['-bail', '-cmd', '.timeout 20000', on, line])
      return stdout.trim()
    }

    /** Writes all the while. @returns the numbers acknowledged. */
    async function writingMeanwhile(meanwhile: () => Promise<unknown>): Promise<number> {
      let done = false
      let written = 0
      const writing = (async () => {
        for (; !done; written++) await db.write(insert, [`ours ${written}`])
      })()
      await meanwhile()
      done = true
      await writing
      return written
    }

    it('writes beside us: both are stored, and the change is announced', async () => {
      let noticed = 0
      db.on('changed-outside', () => noticed++)
      const written = await writingMeanwhile(async () => {
        for (let n = 0; n < 5; n++) await command(`insert into notes (body) values ('theirs ${n}')`)
      })
      await until('it was announced', () => noticed > 0)
      expect(await bodiesOf(db, 'ours')).toHaveLength(written)
      expect(await bodiesOf(db, 'theirs')).toEqual(Array.from({ length: 5 }, (_, n) => `theirs ${n}`))
      expect(await command('select count(*) from notes')).toBe(String(written + 5))
      expect(db.report().lanes.user.failed).toBe(0)
    })

    it('backs the file up while we write: whole, with everything acknowledged before', async () => {
      const before = 500
      for (let n = 0; n < before; n++) await db.write(insert, [`before ${n}`])
      const copy = folder.file('copy.db')
      const written = await writingMeanwhile(() => command(`.backup ${copy}`))
      expect(await bodiesOf(db, 'ours')).toHaveLength(written)
      expect(db.report().lanes.user.failed).toBe(0)
      expect(await command('pragma integrity_check', copy)).toBe('ok')
      expect(await command(`select count(*) from notes where body like 'before %'`, copy)).toBe(
        String(before),
      )
      // What it has of what was written meanwhile is the beginning, without gaps.
      const gaps = `select count(*) - coalesce(max(cast(substr(body, 6) as integer)) + 1, 0) from notes where body like 'ours %'`
      expect(await command(gaps, copy)).toBe('0')
    })

    it('changes the schema, and our next read has it', async () => {
      const all = 'select * from notes'
      await db.write(insert, ['ours 1'])
      expect(await db.read(all)).toEqual([{ id: 1, body: 'ours 1' }])
      await command(`alter table notes add column more text default 'm'`)
      expect(await db.read(all)).toEqual([{ id: 1, body: 'ours 1', more: 'm' }])
    })
  },
)
