// An app whose disk fills up: somebody reads on and on while it writes. Run: node pinned-log.ts [mended]
import { setTimeout as pause } from 'node:timers/promises'
import { openDatabase } from '@lockkeeper/core'
import { isMended, tell } from './tell.ts'

interface Note {
  readonly id: number
  readonly body: string
}

await using db = await openDatabase({
  file: `pinned-log-${isMended ? 'mended' : 'trouble'}.db`,
  migrations: [
    {
      set: 'app',
      id: 1,
      name: 'tables',
      sql: `create table notes (id integer primary key, body text not null);
            create table blobs (id integer primary key, data blob not null);`,
    },
  ],
})
const notes = Array.from({ length: 5_000 }, (_, id) => [id, `note ${id}`])
await db.writeMany('insert into notes values (?, ?)', notes, { label: 'notes.import' })

// Where the notes go, which takes some at once and then has other things to do for as long as this example runs.
const elsewhere = Promise.withResolvers<void>()
let taken = 0
const upload = async (_: Note): Promise<void> => {
  if (++taken > 700) await elsewhere.promise
}

/** One stream over all, that stands still where the upload does. Somebody gave it an hour, since it used to expire. */
async function exportAsStream(): Promise<void> {
  const all = db.stream<Note>('select * from notes order by id', [], {
    label: 'notes.export',
    idleMsMax: 3_600_000,
  })
  for await (const note of all) await upload(note)
}

/** Mended: page by page, each a read that is over before the first of its notes is uploaded. */
async function exportByPages(): Promise<void> {
  const next = 'select * from notes where id > ? order by id limit 500'
  for (let last = -1; ; ) {
    const page = await db.read<Note>(next, [last], { label: 'notes.export' })
    for (const note of page) await upload(note)
    const id = page.at(-1)?.id
    if (id === undefined) return
    last = id
  }
}

const exporting = isMended ? exportByPages() : exportAsStream()

// Meanwhile blobs come in, some 20 MiB a second: 60 MiB of them, or until what reads has kept the log for long enough.
const isPinned = (): boolean => {
  const { wal } = db.report()
  return wal !== undefined && wal.pressure !== 'calm' && (wal.oldestLease?.ageMs ?? 0) > 2_000
}
const piece = Array.from({ length: 100 }, (_, n) => [Buffer.alloc(4_096, n)])
for (let pieces = 0; isMended ? pieces < 150 : !isPinned(); pieces++) {
  await db.writeMany('insert into blobs (data) values (?)', piece, { label: 'blobs.store', lane: 'sync' })
  await pause(20)
}
tell(db, 'pinned-log')

elsewhere.resolve()
await exporting
