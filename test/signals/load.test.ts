// Promise 2 under contention, as far as the extension bears on it: several processes write as fast as they can and some are killed,
// with the lock or while they wait for it. Nothing acknowledged is lost, nobody is left waiting, and no room is left behind.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import type { LockWaits } from '@lockkeeper/signals'
import { type ChildProcess, childProcess, seeded, temporaryFolder, until } from '@lockkeeper/testkit'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { makeDatabase } from './extension.ts'
import { describeWithSignals } from './found.ts'
import { lookInto, placeOf, roomOf } from './room.ts'

/** Transactions of each process that lives, at least: it goes on until the others have been killed. */
const countMin = 500
/** Each process has numbers of its own. */
const numbersEach = 1_000_000

const writer = (file: string, index: number): ChildProcess =>
  childProcess(new URL('./programs/write-pairs.ts', import.meta.url), {
    args: [file, String(index * numbersEach), String(countMin)],
  })

type Doing = 'holding' | 'waiting'

function isDoing(file: string, pid: number, doing: Doing): boolean {
  return doing === 'holding' ? lookInto(file).holder?.pid === pid : placeOf(file, { pid }) !== undefined
}

/** Kills a process in the middle of something, at a random point of it: stopped there, it can't get away. */
async function killWhile(file: string, child: ChildProcess, doing: Doing): Promise<void> {
  for (;;) {
    await until(`a process is found ${doing}`, () => isDoing(file, child.pid, doing))
    process.kill(child.pid, 'SIGSTOP')
    await until('it has stopped', () => hasStopped(child.pid))
    if (isDoing(file, child.pid, doing)) break
    process.kill(child.pid, 'SIGCONT')
  }
  child.kill()
  expect(await child.exited).toMatchObject({ signal: 'SIGKILL' })
}

function hasStopped(pid: number): boolean {
  // The state comes after the name, which is in brackets and may hold anything: proc_pid_stat(5).
  if (process.platform === 'linux') return /\) T [^)]*$/.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  return execFileSync('ps', ['-o', 'state=', '-p', String(pid)], { encoding: 'utf8' }).startsWith('T')
}

const numbersOf = ({ told }: ChildProcess): number[] => told.filter((value) => typeof value === 'number')

describeWithSignals('four processes that write as fast as they can, two of which are killed', () => {
  it('lose nothing that was acknowledged, and the others do all they have to', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 400 }),
        fc.integer({ min: 1, max: 400 }),
        async (beforeHolding, beforeWaiting) => {
          await using folder = await temporaryFolder()
          const file = folder.file('a.db')
          makeDatabase(file)
          const setUp = new Database(file)
          setUp.exec('create table copies (note integer primary key) strict')
          setUp.close()
          await using first = writer(file, 1)
          await using second = writer(file, 2)
          await using doomedHolding = writer(file, 3)
          await using doomedWaiting = writer(file, 4)
          const all = [first, second, doomedHolding, doomedWaiting]
          await Promise.all(all.map((child) => child.reached('open')))
          for (const child of all) child.pass('open')

          await Promise.all([
            doomedHolding
              .toldAtLeast(1 + beforeHolding)
              .then(() => killWhile(file, doomedHolding, 'holding')),
            doomedWaiting
              .toldAtLeast(1 + beforeWaiting)
              .then(() => killWhile(file, doomedWaiting, 'waiting')),
          ])
          const survivors = [first, second]
          for (const child of survivors) {
            await child.reached('enough')
            child.pass('enough')
          }
          await Promise.all(survivors.map((child) => child.reached('written')))
          // The last to leave are these two, at the same time.
          for (const child of survivors) child.pass('written')
          for (const child of survivors) {
            expect(await child.exited).toEqual({ code: 0, signal: null, stderr: '' })
            expect(numbersOf(child).length).toBeGreaterThanOrEqual(countMin)
            expect((child.told.at(-1) as LockWaits).timedOut).toBe(0)
          }
          expect((first.told.at(-1) as LockWaits).waits).toBeGreaterThan(0)
          expect(existsSync(roomOf(file))).toBe(false)

          const reader = new Database(file, { readonly: true })
          try {
            expect(reader.prepare('select * from pragma_integrity_check').pluck().all()).toEqual(['ok'])
            const stored = new Set(reader.prepare<[], number>('select id from notes').pluck().all())
            expect(all.flatMap(numbersOf).filter((number) => !stored.has(number))).toEqual([])
            // At most the transaction that each of the killed was in was committed and not acknowledged.
            expect(stored.size - all.flatMap(numbersOf).length).toBeLessThanOrEqual(2)
            expect(reader.prepare('select note from copies except select id from notes').all()).toEqual([])
            expect(reader.prepare('select id from notes except select note from copies').all()).toEqual([])
          } finally {
            reader.close()
          }
        },
      ),
      { ...seeded('writers killed', 3), endOnFailure: true },
    )
  }, 90_000)
})
