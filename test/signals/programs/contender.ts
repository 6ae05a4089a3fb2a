// A process with one connection that takes the write lock each time the test lets it, and tells how it fared.
import { type LockWaits, locateSignals, Signals, type Watch } from '@lockkeeper/signals'
import { point, tell } from '@lockkeeper/testkit/child'
import Database from 'better-sqlite3'

/**
 * How it gives the lock up. The last three leave the transaction unfinished: `close` closes the connection, `end` ends the
 * process with nothing left to do, whereupon Node has the connection closed, `exit` calls `process.exit`, which closes nothing.
 */
export type Ending = 'commit' | 'rollback' | 'close' | 'end' | 'exit'

export interface ContenderOptions {
  readonly file: string
  readonly name: string
  readonly ending: Ending
  /** How long it waits for the lock: the first time, the second time, …; the last counts for all that follow. */
  readonly waitsMs: readonly number[]
  /** To become a user without rights before it looks for the room, if it is root. */
  readonly withoutRights: boolean
}

/** What became of one try for the lock. */
export interface Attempt {
  /** SQLite's name of the error; undefined if it has the lock. */
  readonly code: string | undefined
  readonly elapsedMs: number
  readonly waits: LockWaits
}

/** The first is told when it is open; then, each time: that it asks, what became of it, and that it has given the lock up. */
export type Told = Watch | 'asking' | Attempt | 'released'

const options = JSON.parse(process.argv[2] ?? '') as ContenderOptions

function open() {
  const { path } = locateSignals()
  if (path === undefined) throw new Error('there is no extension')
  const connection = new Database(options.file)
  // Reads once, so that the shared memory is there before the rights are gone.
  connection.prepare('select count(*) from notes').get()
  const signals = Signals.load(connection, path)
  if (options.withoutRights && process.getuid?.() === 0) process.setuid?.(65_534)
  return { connection, signals, watch: signals.watch('writer') }
}

function attempt({ connection, signals }: ReturnType<typeof open>, waitMs: number): Attempt {
  signals.waitAtMost(waitMs)
  const beganMs = performance.now()
  let code: string | undefined
  try {
    connection.exec('begin immediate')
  } catch (thrown) {
    code = (thrown as { code?: string }).code ?? String(thrown)
  }
  return { code, elapsedMs: performance.now() - beganMs, waits: signals.waits() }
}

let current = open()
await tell(current.watch satisfies Told)
for (let round = 0; ; round++) {
  await point('idle')
  await tell('asking' satisfies Told)
  const outcome = attempt(current, options.waitsMs[round] ?? options.waitsMs.at(-1) ?? 0)
  if (outcome.code === undefined) {
    current.connection.prepare('insert into notes (body) values (?)').run(options.name)
  }
  await tell(outcome satisfies Told)
  if (outcome.code !== undefined) continue
  await point('locked')
  if (options.ending === 'exit') process.exit(0)
  if (options.ending === 'end') break
  if (options.ending === 'close') {
    current.connection.close()
    current = open()
  } else {
    current.connection.exec(options.ending)
  }
  await tell('released' satisfies Told)
}
