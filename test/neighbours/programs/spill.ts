// Another program with a transaction so large that SQLite has written a part of it to the log before its COMMIT. It is to be
// killed there.
import { point } from '@lockkeeper/testkit/child'
import Database from 'better-sqlite3'

const [file = ''] = process.argv.slice(2)
const connection = new Database(file, { timeout: 20_000 })
connection.pragma('cache_size = 10')
connection.exec('begin immediate')
const insert = connection.prepare('insert into notes (body) values (?)')
for (let n = 0; n < 2_000; n++) insert.run(`theirs ${n} ${'x'.repeat(1_000)}`)
await point('spilled')
