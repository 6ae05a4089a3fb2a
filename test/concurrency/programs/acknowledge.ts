// Writes without end, and tells the number of each write as soon as it is acknowledged.
import { openDatabase } from '@lockkeeper/core'
import { tell } from '@lockkeeper/testkit/child'
import { migrations } from '../notes.ts'

const [file = '', firstNumber = '0'] = process.argv.slice(2)
const db = await openDatabase({ file, migrations })
let next = Number(firstNumber)

/** Both rows or none: a note, and the copy that must never be without it. */
async function writeOn(): Promise<never> {
  for (;;) {
    const number = next++
    await db.writeAtomic([
      ['insert into notes (id, body) values (?, ?)', [number, `note ${number}`]],
      ['insert into copies (note) values (?)', [number]],
    ])
    await tell(number)
  }
}

await Promise.all(Array.from({ length: 32 }, writeOn))
