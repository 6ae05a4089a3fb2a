import { isLockkeeperError, openDatabase, procedures } from '@lockkeeper/core'

await using db = await openDatabase({
  file: 'notes.db',
  migrations: [
    { set: 'app', id: 1, name: 'notes', sql: 'create table notes (id text primary key, title text)' },
  ],
  procedures: {
    notes: procedures<typeof import('./procedures.ts')>(new URL('./procedures.ts', import.meta.url)),
  },
})

// A hundred callers at once: one message to the writer's thread, one transaction, a hundred answers after COMMIT.
const ids = Array.from({ length: 100 }, (_, n) => `n${n}`)
await Promise.all(ids.map((id) => db.write('insert or ignore into notes values (?, ?)', [id, 'untitled'])))

await db.call.notes.rename({ id: 'n7', title: 'Seven' }) // runs inside the writer's thread, in a transaction
console.log(await db.call.notes.titles({ limit: 3 })) // runs inside a reader's thread, never behind a write
console.log(await db.readValue<number>('select count(*) from notes')) // 100

const outcome = await db.write('insert into notes values (?, ?)', ['n7', 'again']).outcome() // never rejects
if ('error' in outcome && isLockkeeperError(outcome.error, 'sqlite-constraint-primarykey')) {
  console.log(outcome.error.outcome) // not-stored: every write has one honest outcome
}
