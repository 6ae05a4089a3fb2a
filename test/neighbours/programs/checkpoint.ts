// Another program that checkpoints all the time, in the ways that take the write lock, and tells of each that came through.
import { tell } from '@lockkeeper/testkit/child'
import Database from 'better-sqlite3'

const [file = ''] = process.argv.slice(2)
const connection = new Database(file, { timeout: 1_000 })

for (let done = 0; ; ) {
  for (const mode of ['restart', 'truncate', 'full']) {
    const [answer] = connection.pragma(`wal_checkpoint(${mode})`) as [{ busy: number }]
    if (answer.busy === 0) done++
  }
  await tell(done)
}
