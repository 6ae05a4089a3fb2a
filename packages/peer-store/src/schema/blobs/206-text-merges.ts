import type { Migration } from '@lockkeeper/core'

export const textMerges: Migration = {
  set: 'blobs',
  id: 206,
  name: 'merges of the full-text index in small steps',
  sql: `
    -- Of itself FTS5 merges segments whenever 64 pages have been written: some hundred pages at once, in a commit for which a person's
    -- write may wait. https://sqlite.org/fts5.html#the_automerge_configuration_option
    insert into texts (texts, rank) values ('automerge', 0);
  `,
}
