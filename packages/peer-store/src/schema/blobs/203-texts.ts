import type { Migration } from '@lockkeeper/core'

/** Full text of current documents and of comments, by the blob it comes from. */
export const texts: Migration = {
  set: 'blobs',
  id: 203,
  name: 'full text',
  sql: `
    -- Keeps a text of its own, because snippets are cut from it: in blobs it lies encoded.
    create virtual table texts using fts5 (title, path, text, tokenize = 'unicode61 remove_diacritics 2');
    insert into texts (texts, rank) values ('rank', 'bm25(10.0, 4.0, 1.0)');
  `,
}
