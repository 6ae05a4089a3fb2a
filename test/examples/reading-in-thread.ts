import { isLockkeeperError, openDatabase } from '@lockkeeper/core'

interface Note {
  readonly id: string
  readonly title: string
}

await using db = await openDatabase({
  file: 'notes.db',
  migrations: [
    { set: 'app', id: 1, name: 'notes', sql: 'create table notes (id text primary key, title text) strict' },
  ],
  inThreadReader: { warnAfterMs: 5 }, // or true; without it, the calls below throw `not-enabled`
})
db.on('in-thread-read-slow', ({ label, sql, ms }) => console.error(`${label ?? sql} took ${ms} ms`))

await db.write('insert into notes values (?, ?)', ['n1', 'hi'])

// No promise: the answer is there when the call returns, and it has every write that was acknowledged.
const note = db.readFirstSync<Note>('select * from notes where id = ?', ['n1'], { label: 'notes.get' })
console.log(note?.title) // hi
console.log(db.readValueSync<number>('select count(*) from notes')) // 1
console.log(db.readColumnSync<string>('select id from notes')) // [ 'n1' ]
console.log(db.readArraysSync('select id, title from notes')) // [ [ 'n1', 'hi' ] ]
console.log(db.readSync<Note>({ sql: 'select id from notes where id = ?', parameters: ['n2'] })) // []

try {
  db.readSync('delete from notes', [], { label: 'notes.clear' })
} catch (error) {
  if (isLockkeeperError(error, 'statement-refused')) console.log(error.stage, error.label) // read notes.clear
}

console.log(db.report().inThread?.reads, db.report().inThread?.failed) // 6 1
