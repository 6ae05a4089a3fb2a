// Programs without the extension share the lock as ever: they are not heard when they release it, so a waiter looks for itself,
// and they wait for ours as for anybody's (promise 3).
import { execFile, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { childProcess, type TemporaryFolder, temporaryFolder, until } from '@lockkeeper/testkit'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Contender } from './contender.ts'
import { bodiesIn, codeOf, makeDatabase } from './extension.ts'
import { describeWithSignals } from './found.ts'
import { lookInto } from './room.ts'

let folder: TemporaryFolder
let file: string

beforeEach(async () => {
  folder = await temporaryFolder()
  file = folder.file('a.db')
  makeDatabase(file)
})

afterEach(() => folder[Symbol.asyncDispose]())

/** Another program with SQLite of its own: inserts `theirs` when it has the lock, and commits when told. */
const stranger = () =>
  childProcess(new URL('../concurrency/programs/hold-lock.ts', import.meta.url), { args: [file] })

function isCommandThere(): boolean {
  try {
    execFileSync('sqlite3', ['--version'])
    return true
  } catch {
    return false
  }
}

describeWithSignals('a stranger that holds the lock', () => {
  it('is waited for by looks at the lock, since nobody hears it release', async () => {
    await using holder = stranger()
    await holder.reached('locked')
    await using waiter = await Contender.start({ file, name: 'ours' })
    await waiter.queues()
    expect(lookInto(file).holder).toBe(undefined)
    holder.pass('locked')
    const { woken, polled } = await waiter.takes()
    expect(woken).toBe(0)
    expect(polled).toBeGreaterThan(0)
    await waiter.release()
    expect(bodiesIn(file)).toEqual(['theirs', 'ours'])
  })

  it('does not upset the queue behind it', async () => {
    await using holder = stranger()
    await holder.reached('locked')
    await using first = await Contender.start({ file, name: 'first' })
    await using second = await Contender.start({ file, name: 'second' })
    await first.queues()
    await second.queues()
    holder.pass('locked')
    await first.takes()
    await first.release()
    await second.takes()
    await second.release()
    expect(bodiesIn(file)).toEqual(['theirs', 'first', 'second'])
  })

  it('and is killed, leaves the lock to the waiter', async () => {
    await using holder = stranger()
    await holder.reached('locked')
    await using waiter = await Contender.start({ file, name: 'ours' })
    await waiter.queues()
    holder.kill()
    await waiter.takes()
    await waiter.release()
    expect(bodiesIn(file)).toEqual(['ours'])
  })

  it('after one of ours was killed with the lock, is not taken for the dead one', async () => {
    await using dead = await Contender.start({ file, name: 'dead' })
    await using waiter = await Contender.start({ file, name: 'ours' })
    await dead.takesFree()
    await dead.kill()
    expect(lookInto(file).holder?.pid).toBe(dead.pid)
    await using holder = stranger()
    await holder.reached('locked')
    await waiter.queues()
    await until('the dead holder is forgotten', () => lookInto(file).holder === undefined)
    holder.pass('locked')
    await waiter.takes()
    await waiter.release()
    expect(bodiesIn(file)).toEqual(['theirs', 'ours'])
  })
})

describeWithSignals('a stranger that waits for the lock', () => {
  it('gets it from one of ours', async () => {
    await using holder = await Contender.start({ file, name: 'ours' })
    await holder.takesFree()
    await using waiter = stranger()
    await holder.release()
    await waiter.reached('locked')
    waiter.pass('locked')
    await waiter.reached('released')
    expect(bodiesIn(file)).toEqual(['ours', 'theirs'])
  })
})

const withoutCommand = isCommandThere() ? '' : ' (left out: there is no sqlite3 command)'

describeWithSignals('the sqlite3 command', () => {
  it.skipIf(withoutCommand !== '')(`is waited for like any stranger${withoutCommand}`, async () => {
    const command = execFile('sqlite3', [file])
    const closed = once(command, 'close')
    try {
      // Patient too: the observer's look may be in its way.
      command.stdin?.write(".timeout 20000\nbegin immediate;\ninsert into notes (body) values ('theirs');\n")
      const observer = new Database(file, { timeout: 0 })
      await until('it has the lock', () => codeOf(observer, 'begin immediate; rollback') === 'SQLITE_BUSY')
      observer.close()
      await using waiter = await Contender.start({ file, name: 'ours' })
      await waiter.queues()
      command.stdin?.end('commit;\n')
      await waiter.takes()
      await waiter.release()
      expect(await closed).toEqual([0, null])
      expect(bodiesIn(file)).toEqual(['theirs', 'ours'])
    } finally {
      command.kill('SIGKILL')
      await closed
    }
  })
})
