// Opens the file, listens for changes, and comes to its end without closing: it must not be kept alive by that.
import { tell } from '@lockkeeper/testkit/child'
import { openNotes } from '../notes.ts'

const [file = ''] = process.argv.slice(2)
const db = await openNotes(file)
db.on('changed-outside', () => {})
await tell(await db.readValue('select count(*) from notes'))
process.disconnect()
