// Goes through a list of faults, in one process and on one file: writes and reads while the fault is there, has it lifted, and
// writes again until it is taken, which must need no restart. Tells what became of every write.
import { type Database, isLockkeeperError, openDatabase } from '@lockkeeper/core'
import { tell } from '@lockkeeper/testkit/child'
import { migrations } from '../../concurrency/notes.ts'
import { FaultControl, type InjectedFault } from '../control.ts'
import type { FaultStory, WriteStory } from '../story.ts'

const [file = '', controlPath = '', list = '[]'] = process.argv.slice(2)
using control = new FaultControl(controlPath)
const open = (): Promise<Database> =>
  openDatabase({ file, migrations, readers: { interactive: 1, background: 1 } })

let db = await open()
let recoveries = 0
let lastId = 0

/** One note of so many bytes, and what was said of it. */
async function write(bytes: number, durability: 'process' | 'power', writes: WriteStory[]): Promise<boolean> {
  const id = ++lastId
  const ended = await db
    .write('insert into notes values (?, ?)', [id, 'x'.repeat(bytes)], { durability, deadlineMs: 1_000 })
    .outcome()
  const error = 'error' in ended ? ended.error : undefined
  writes.push({ id, outcome: ended.outcome, code: error?.code, retryable: error?.retryable })
  if (error?.code === 'sqlite-error' || error?.code === 'procedure-failed') throw error
  return ended.outcome === 'committed'
}

/** What is acknowledged is there for a read that starts then, or the read says what keeps it (promise 8). */
async function read(writes: readonly WriteStory[], codes: Set<string>): Promise<void> {
  const newest = writes.findLast(({ outcome }) => outcome === 'committed')
  if (newest === undefined) return
  try {
    const options = { deadlineMs: 1_000 }
    const found = await db.readValue('select id from notes where id = ?', [newest.id], options)
    if (found !== newest.id) throw new Error(`Note ${newest.id} is acknowledged, and a read does not see it`)
  } catch (thrown) {
    if (!isLockkeeperError(thrown)) throw thrown
    codes.add(thrown.code)
  }
}

/** More pages than the log may hold: the commit copies them into the file. */
const checkpointBytes = 2_500_000

async function round(story: FaultStory): Promise<void> {
  const { writes } = story
  const small = [200, 200, 5_000, 20_000].map((bytes, n) => write(bytes, n % 2 ? 'power' : 'process', writes))
  await Promise.all(small)
  await read(writes, story.readCodes)
  await write(checkpointBytes, 'process', writes)
  await write(10, 'power', writes)
  story.states.add(db.report().states.database)
}

/** Writes until it is taken: after each refusal that says to wait, what is waited for is the end of the fault. */
async function resume(story: FaultStory): Promise<void> {
  for (let tries = 0; tries < 40; tries++) {
    const before = recoveries
    const recovered = Promise.withResolvers<void>()
    const stop = db.on('recovered', () => recovered.resolve())
    const taken = await write(10, 'power', story.writes)
    if (!taken && db.report().states.database === 'degraded' && recoveries === before) await recovered.promise
    stop()
    if (taken) return
  }
  throw new Error(
    `Nothing is written after the fault has been lifted: ${JSON.stringify(story.writes.at(-1))}`,
  )
}

async function reopen(fault: InjectedFault, story: FaultStory): Promise<void> {
  control.arm(fault)
  await db.close()
  try {
    db = await open()
    await write(10, 'power', story.writes)
    story.injected += control.injected
    control.lift()
  } catch (thrown) {
    if (!isLockkeeperError(thrown)) throw thrown
    story.openCode = thrown.code
    story.injected += control.injected
    control.lift()
    db = await open()
  }
  db.on('recovered', () => recoveries++)
}

db.on('recovered', () => recoveries++)
for (const fault of JSON.parse(list) as InjectedFault[]) {
  const story: FaultStory = { fault, injected: 0, writes: [], readCodes: new Set(), states: new Set() }
  control.arm(fault)
  await round(story)
  await round(story)
  story.injected = control.injected
  control.lift()
  await resume(story)
  await reopen(fault, story)
  await resume(story)
  await tell(story)
}
await db.close()
process.disconnect?.()
