import type { Migration } from '@lockkeeper/core'

/** What the tests' processes agree on. */
export const migrations: readonly Migration[] = [
  {
    set: 'test',
    id: 1,
    name: 'notes',
    sql: `
      create table notes (id integer primary key, body text not null) strict;
      create table copies (note integer primary key references notes (id)) strict;`,
  },
]
