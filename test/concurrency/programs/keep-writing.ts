// Another program that writes to the file all the time, without Lockkeeper.
import { point } from '@lockkeeper/testkit/child'
import Database from 'better-sqlite3'

const [file = ''] = process.argv.slice(2)
const connection = new Database(file, { timeout: 20_000 })
const insert = connection.prepare('insert into notes (body) values (?)')
insert.run('theirs')
await point('writing')
let writing = true
process.once('disconnect', () => {
  writing = false
})
const writeOn = (): void => {
  insert.run('theirs')
  if (writing) setImmediate(writeOn)
}
writeOn()
