// A second process with a Lockkeeper of its own on the same file.
import { openDatabase } from '@lockkeeper/core'
import { point, tell } from '@lockkeeper/testkit/child'
import { migrations } from '../notes.ts'

const [file = '', count = '0'] = process.argv.slice(2)
const db = await openDatabase({ file, migrations })
await point('open')
const tickets = Array.from({ length: Number(count) }, (_, n) =>
  db.write('insert into notes (body) values (?)', [`theirs ${n}`]),
)
const outcomes = await Promise.all(tickets.map((ticket) => ticket.outcome()))
await tell(outcomes.filter(({ outcome }) => outcome === 'committed').length)
await db.close()
