import type { Migration } from '@lockkeeper/core'
import { multihashSql } from './multihash-sql.ts'

/**
 * Blobs by multihash, with their data apart.
 *
 * Apart, because the small row is what is looked up, walked and marked: with a quarter of a megabyte in the same row, marking it
 * as indexed would make SQLite read and compare all of it, and a walk over names would read every leaf of a table of gigabytes.
 *
 * Rows of the first schema get their place here at once. Their data stays in `old_blobs`, where it is found, until the job
 * `blobs.adopt` has moved it: a migration that copied gigabytes would hold up the start for minutes. What was derived from them
 * is dropped; the index actor derives it anew, and better.
 */
export const blobs: Migration = {
  set: 'blobs',
  id: 201,
  name: 'blobs by multihash',
  sql: `
    drop table document_texts;
    drop table links;
    drop table documents;
    alter table blobs rename to old_blobs;

    create table blobs (
      id integer primary key,
      multihash blob not null unique,
      codec integer not null,
      size integer not null, -- of the bytes as they came
      -- 0: to be indexed. 1: indexed, or nothing to index. 2: waits for another blob. 3: can't be indexed.
      state integer not null
    ) strict;
    -- What the index actor looks for: empty but for what has just come, or was left by a crash.
    create index blobs_to_index on blobs (id) where state = 0;

    create table blob_data (
      blob_id integer primary key references blobs (id),
      encoding integer not null, -- 0: as it came. 1: brotli.
      data blob not null
    ) strict;

    insert into blobs (id, multihash, codec, size, state)
      select id, ${multihashSql('cid')}, codec, size, iif(codec = 0x71, 0, 1) from old_blobs where true
      -- The same bytes may have been stored under two names: as a record they are worth more.
      on conflict (multihash) do update set codec = 0x71, state = 0 where excluded.codec = 0x71;
    update blob_totals set (blobs, bytes) = (select count(*), ifnull(sum(size), 0) from blobs);
  `,
}
