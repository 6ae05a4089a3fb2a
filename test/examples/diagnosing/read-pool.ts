// An app whose notes open slowly, because two other things have the readers. Run: node read-pool.ts [mended]
import { openDatabase } from '@lockkeeper/core'
import { isMended, tell } from './tell.ts'

const migrations = [
  {
    set: 'app',
    id: 1,
    name: 'notes',
    sql: 'create table notes (id integer primary key, author text not null, at integer not null, body text not null)',
  },
]
// The change, one half: the index that the verdict asks for.
const index = {
  set: 'app',
  id: 2,
  name: 'notes by author',
  sql: 'create index notes_by_author_at on notes (author, at)',
}
await using db = await openDatabase({
  file: `read-pool-${isMended ? 'mended' : 'trouble'}.db`,
  migrations: isMended ? [...migrations, index] : migrations,
  readers: { interactive: 2, background: 1 },
  telemetry: { slowMs: 20 },
})
const notes = 150_000
const rows = Array.from({ length: notes }, (_, id) => [id, `author ${id % 997}`, id, `${id} `.repeat(30)])
for (let at = 0; at < notes; at += 5_000)
  await db.writeMany('insert into notes values (?, ?, ?, ?)', rows.slice(at, at + 5_000), {
    lane: 'sync',
    label: 'notes.import',
  })

// The other half: nobody waits for the statistics, so that they belong on the background reader.
const named = { label: 'stats.refresh' }
const statistics = (): Promise<unknown> =>
  db.snapshot(
    async (snapshot) => {
      await snapshot.readValue('select sum(length(body)) from notes', [], named)
      await snapshot.readValue('select count(distinct author) from notes', [], named)
    },
    { ...named, class: isMended ? 'background' : 'interactive' },
  )
const byAuthor = (n: number): Promise<unknown> =>
  db.read('select id, at from notes where author = ? and at > ?', [`author ${n % 997}`, notes / 2], {
    label: 'notes.byAuthor',
  })
const openNote = (n: number): Promise<unknown> =>
  db.readFirst('select * from notes where id = ?', [(n * 7_919) % notes], { label: 'notes.open' })

// Ten people open notes; two pages list what an author wrote, and statistics are made, for as long as people are there.
let opened = 0
const people = Array.from({ length: 10 }, async () => {
  while (opened < 300) await openNote(opened++)
})
const whilePeopleAreThere = async (turn: (n: number) => Promise<unknown>): Promise<void> => {
  for (let n = 0; opened < 300; n++) await turn(n)
}
await Promise.all([
  ...people,
  whilePeopleAreThere(statistics),
  whilePeopleAreThere(byAuthor),
  whilePeopleAreThere(byAuthor),
])
tell(db, 'read-pool')
