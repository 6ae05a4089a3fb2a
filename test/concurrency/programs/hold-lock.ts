// Another program that uses the file: takes SQLite's write lock, keeps it until told otherwise, and writes a note.
import { point } from '@lockkeeper/testkit/child'
import Database from 'better-sqlite3'

const [file = '', note = 'theirs'] = process.argv.slice(2)
const connection = new Database(file, { timeout: 20_000 })
connection.exec('begin immediate')
await point('locked')
connection.prepare('insert into notes (body) values (?)').run(note)
connection.exec('commit')
await point('released')
connection.close()
