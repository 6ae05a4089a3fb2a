import { openDatabase } from '@lockkeeper/core'

interface Note {
  readonly id: number
  readonly body: string
}

const db = await openDatabase({
  file: 'reading.db',
  migrations: [
    {
      set: 'app',
      id: 1,
      name: 'notes',
      sql: 'create table notes (id integer primary key, body text not null)',
    },
  ],
  readers: { interactive: 2, background: 1 },
})
const rows = Array.from({ length: 5_000 }, (_, id) => [id, `note ${id}`])
await db.writeMany('insert into notes values (?, ?)', rows)

// One call each for what people want of a query.
console.log(await db.readFirst<Note>('select * from notes where id = ?', [7]))
console.log(await db.readValue<number>('select count(*) from notes'))
console.log(await db.readColumn<number>('select id from notes order by id desc limit 3'))

// A read that wants to see a write, without awaiting the write first.
const ticket = db.write('insert into notes values (?, ?)', [5_000, 'the newest'], { lane: 'background' })
console.log(await db.readValue('select body from notes where id = 5000', [], { after: ticket }))

// Several reads of one state, whatever is written meanwhile.
const counts = await db.snapshot(async (snapshot) => {
  const before = await snapshot.readValue<number>('select count(*) from notes')
  await db.write('delete from notes where id < 100')
  return [before, await snapshot.readValue<number>('select count(*) from notes')]
})
console.log(counts)

// Row by row, for results too large to hold; leaving the loop gives the reader back.
let length = 0
for await (const note of db.stream<Note>('select * from notes order by id')) {
  if (note.id === 1_000) break
  length += note.body.length
}
console.log(length)

// Work that nobody waits for has readers of its own, and an end.
const slow = db.readColumn(
  'with recursive n (x) as (select 1 union all select x + 1 from n) select x from n',
  [],
  { class: 'background', deadlineMs: 100 },
)
console.log(await slow.catch((error: { code: string }) => error.code))

await db.close({ deadlineMs: 500 })
