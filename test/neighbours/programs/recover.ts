// Another program that opens a file whose log has no index, and so builds it.
import { point, tell } from '@lockkeeper/testkit/child'
import Database from 'better-sqlite3'

const [file = ''] = process.argv.slice(2)
await point('start')
const connection = new Database(file, { timeout: 20_000 })
await tell(connection.prepare('select count(*) from notes').pluck().get())
await point('open')
