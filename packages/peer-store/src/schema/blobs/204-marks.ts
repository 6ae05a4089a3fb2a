import type { Migration } from '@lockkeeper/core'

/** Blobs that came before what they need, and documents that nobody has looked at yet. */
export const marks: Migration = {
  set: 'blobs',
  id: 204,
  name: 'stash and unread marks',
  sql: `
    create table stashed_blobs (
      blob_id integer primary key references blobs (id),
      waits_for blob not null -- the multihash of what is not here
    ) strict;
    create index stashed_blobs_by_need on stashed_blobs (waits_for);

    create table unread (
      resource_id integer primary key references resources (id),
      blob_id integer not null references blobs (id) -- the latest that made it unread
    ) strict;
  `,
}
