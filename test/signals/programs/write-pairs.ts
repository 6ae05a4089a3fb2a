// Writes pairs of rows, a pair per transaction, until it has written so many and is told that it is enough. Tells the number of
// each as soon as it is committed.
import { locateSignals, Signals } from '@lockkeeper/signals'
import { point, tell } from '@lockkeeper/testkit/child'
import Database from 'better-sqlite3'

const [file = '', firstNumber = '0', countMin = '0'] = process.argv.slice(2)
const { path } = locateSignals()
if (path === undefined) throw new Error('there is no extension')
const connection = new Database(file)
const signals = Signals.load(connection, path)
const { waits } = signals.watch('writer')
signals.waitAtMost(20_000)

const note = connection.prepare('insert into notes (id, body) values (?, ?)')
const copy = connection.prepare('insert into copies (note) values (?)')
/** Both rows or none. */
const write = connection.transaction((number: number) => {
  note.run(number, `note ${number}`)
  copy.run(number)
})

await tell(waits)
await point('open')
let isEnough = false
void point('enough').then(() => {
  isEnough = true
})
const first = Number(firstNumber)
for (let number = first; number < first + Number(countMin) || !isEnough; number++) {
  write.immediate(number)
  await tell(number)
}
await tell(signals.waits())
await point('written')
connection.close()
