import { isLockkeeperError, openDatabase } from '@lockkeeper/core'

const migrations = [
  { set: 'app', id: 1, name: 'notes', sql: 'create table notes (id integer primary key, body text) strict' },
]
const db = await openDatabase({ file: 'notes.db', migrations })
const rows = Array.from({ length: 20_000 }, (_, n) => [`note ${n} `.repeat(20)])
await db.writeMany('insert into notes (body) values (?)', rows, { lane: 'sync' })

// Is it well? A real write and a real read, and in words what is slow.
const { ok, write, read, slow } = await db.health({ deadlineMs: 5_000 })
console.log(ok, write.ok, read.ok) // true true true
for (const words of slow) console.error(words)

// A copy, made while everybody goes on writing, checked, and only then given its name.
const backup = db.backup('monday.db', {
  onProgress: ({ phase, pagesDone, pagesTotal }) => console.error(phase, `${pagesDone} of ${pagesTotal}`),
})
await db.write('insert into notes (body) values (?)', ['meanwhile'])
const { restarts } = await backup
console.log(restarts) // 0

// It is a database like any other.
const copy = await openDatabase({ file: 'monday.db', migrations })
const copied = (await copy.readValue<number>('select count(*) from notes')) ?? 0
console.log(copied >= 20_000) // true
await copy.close()

// What stands there is left alone, unless you say otherwise. A signal or a deadline ends a backup, and leaves nothing.
try {
  await db.backup('monday.db')
} catch (error) {
  if (isLockkeeperError(error, 'file-exists')) console.log(error.code) // file-exists
}
await db.backup('monday.db', { overwrite: true, signal: AbortSignal.timeout(60_000), label: 'nightly' })

// Once a day, or after much has changed: statistics for the query planner.
console.log(Array.isArray((await db.optimize()).statements)) // true

// After much was deleted: the database without its holes, and then the file.
await db.write('delete from notes where id % 10 > 0')
const { bytesBefore, bytesAfter } = await db.vacuum()
const { emptied } = await db.checkpoint()
console.log(bytesAfter < bytesBefore / 2, emptied) // true true

await db.close()
