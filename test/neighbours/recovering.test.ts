// Promise 2 where another process builds the log's index anew as we open the file (SQLITE_BUSY_RECOVERY). It is stopped in the
// middle of that, so that there is something to wait for.
import { existsSync, rmSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type ChildProcess, childProcess, temporaryFolder } from '@lockkeeper/testkit'
import Database from 'better-sqlite3'
import { expect, it } from 'vitest'
import { insert, openNotes } from './notes.ts'

const program = (name: string, ...args: string[]) =>
  childProcess(new URL(`./programs/${name}.ts`, import.meta.url), { args })

/** Stops a process that recovers the log as soon as it can have begun with it. @returns whether it was in the middle. */
async function stopWhileRecovering(neighbour: ChildProcess, file: string): Promise<boolean> {
  await neighbour.reached('start')
  neighbour.pass('start')
  while (!existsSync(`${file}-shm`)) await nextTurn()
  process.kill(neighbour.pid, 'SIGSTOP')
  return isRecovering(file)
}

/** Asked by a connection that never waits. */
function isRecovering(file: string): boolean {
  const probe = new Database(file, { readonly: true, timeout: 0 })
  try {
    probe.prepare('select 1 from notes').get()
    return false
  } catch (thrown) {
    return (thrown as { code?: string }).code === 'SQLITE_BUSY_RECOVERY'
  } finally {
    probe.close()
  }
}

/** A log of 320 MB; to be met there in the middle is as good as certain. */
const rowsMax = 80_000

// Windows can't stop a process.
it.skipIf(process.platform === 'win32')(
  'a log that another process recovers as we open is waited for, and nothing in it is lost',
  async () => {
    // It may have been too quick; a larger log takes longer.
    for (let rows = 10_000; ; rows *= 2) {
      await using folder = await temporaryFolder()
      const file = folder.file('a.db')
      await (await openNotes(file)).close()
      {
        await using crashing = program('fill-log', file, String(rows))
        await crashing.reached('filled')
        crashing.kill()
        await crashing.exited
        expect(crashing.told).toEqual([rows])
      }
      // Nobody has the file open. The index is as good as gone after a crash of the system, too.
      rmSync(`${file}-shm`)
      await using neighbour = program('recover', file)
      const inTheMiddle = await stopWhileRecovering(neighbour, file)
      if (!inTheMiddle && rows < rowsMax) continue
      const opening = openNotes(file)
      let opened = false
      const noticed = opening.finally(() => {
        opened = true
      })
      for (let looks = 0; looks < 100; looks++) {
        await nextTurn()
        if (inTheMiddle)
          expect({ opened, recovering: isRecovering(file) }).toEqual({ opened: false, recovering: true })
      }
      process.kill(neighbour.pid, 'SIGCONT')
      await using db = await noticed
      await neighbour.reached('open')
      expect(neighbour.told).toEqual([rows])
      expect(await db.readValue('select count(*) from notes')).toBe(rows)
      expect(await db.write(insert, ['ours'])).toMatchObject({ changes: 1 })
      expect(await db.readColumn('select * from pragma_quick_check')).toEqual(['ok'])
      return
    }
  },
)
