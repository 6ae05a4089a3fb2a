// Another program that leaves a large log behind: it is to be killed once all is committed.
import { point, tell } from '@lockkeeper/testkit/child'
import Database from 'better-sqlite3'

const [file = '', rows = '10000'] = process.argv.slice(2)
const connection = new Database(file)
connection.pragma('wal_autocheckpoint = 0')
const insert = connection.prepare('insert into notes (body) values (?)')
connection.exec('begin immediate')
for (let n = 0; n < Number(rows); n++) insert.run(`theirs ${n} ${'x'.repeat(4_000)}`)
connection.exec('commit')
await tell(connection.prepare('select count(*) from notes').pluck().get())
await point('filled')
