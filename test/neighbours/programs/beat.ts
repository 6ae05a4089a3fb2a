// Another program that has the lock most of the time: 50 ms out of every 60, with a commit each time. Ends when it is killed.
import { tell } from '@lockkeeper/testkit/child'
import Database from 'better-sqlite3'

const [file = '', heldMs = '50', freeMs = '10'] = process.argv.slice(2)
const connection = new Database(file, { timeout: 20_000 })
const insert = connection.prepare('insert into notes (body) values (?)')
const word = new Int32Array(new SharedArrayBuffer(4))

for (let beat = 1; ; beat++) {
  connection.exec('begin immediate')
  insert.run(`theirs ${beat}`)
  Atomics.wait(word, 0, 0, Number(heldMs))
  connection.exec('commit')
  await tell(beat)
  Atomics.wait(word, 0, 0, Number(freeMs))
}
