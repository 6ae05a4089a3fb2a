import { type Database, type Migration, type OpenOptions, openDatabase } from '@lockkeeper/core'

/** What the tests' processes agree on. */
export const migrations: readonly Migration[] = [
  {
    set: 'test',
    id: 1,
    name: 'notes',
    sql: 'create table notes (id integer primary key, body text not null) strict',
  },
]

export const insert = 'insert into notes (body) values (?)'

/** With an interactive reader beside the one that a snapshot or stream takes. */
export const openNotes = (
  file: string,
  options: Omit<OpenOptions, 'file' | 'migrations' | 'procedures'> = {},
): Promise<Database> => openDatabase({ file, migrations, ...options })

/** The bodies of all notes that begin so, in their order. */
export const bodiesOf = (db: Database, prefix: string): Promise<string[]> =>
  db.readColumn<string>(`select body from notes where body like ? || ' %' order by id`, [prefix])
