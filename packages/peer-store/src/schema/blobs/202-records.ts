import type { Migration } from '@lockkeeper/core'

/** What is derived from signed records, but for their text. */
export const records: Migration = {
  set: 'blobs',
  id: 202,
  name: 'records, documents and links',
  sql: `
    create table public_keys (
      id integer primary key,
      principal blob not null unique,
      own integer not null default 0 -- this node's own: what it signs is never unread
    ) strict;

    -- A place of an author's, and the document that is there now.
    create table resources (
      id integer primary key,
      path text not null,
      author blob not null, -- here too, so that pages come in the same order at every peer
      author_id integer not null references public_keys (id),
      blob_id integer not null unique references blobs (id), -- the newest generation; backlinks start from it
      title text not null,
      changed_at integer not null,
      unique (path, author) -- serves the list, by path, and the newest document at a path
    ) strict;
    -- The list by recent change, in pages.
    create index resources_by_change on resources (changed_at, id);

    -- A blob that is a signed record. Its key is the event feed's order.
    create table structural_blobs (
      blob_id integer primary key references blobs (id),
      kind text not null,
      author_id integer not null references public_keys (id),
      resource_id integer not null references resources (id),
      time integer not null
    ) strict;
    -- The comments of a document, and everything of an author, in pages.
    create index structural_blobs_by_resource on structural_blobs (resource_id, kind, blob_id);
    create index structural_blobs_by_author on structural_blobs (author_id, blob_id);

    -- Every version of a document that is here, oldest first.
    create table document_generations (
      resource_id integer not null references resources (id),
      time integer not null,
      blob_id integer not null references blobs (id),
      title text not null,
      primary key (resource_id, time, blob_id)
    ) strict, without rowid;

    -- What a document says of itself beyond its text: of the newest generation only.
    create table attributes (
      resource_id integer not null references resources (id),
      key text not null,
      value text not null,
      primary key (resource_id, key)
    ) strict, without rowid;

    -- From a blob to a blob, which need not be here.
    create table blob_links (
      source integer not null references blobs (id),
      kind text not null,
      target blob not null, -- its multihash
      primary key (source, kind, target)
    ) strict, without rowid;
    create index blob_links_by_target on blob_links (target, kind);

    -- From a blob to a place at an author, where nothing need be.
    create table resource_links (
      source integer not null references blobs (id),
      author_id integer not null references public_keys (id),
      path text not null,
      primary key (source, author_id, path)
    ) strict, without rowid;
    create index resource_links_by_target on resource_links (author_id, path);
  `,
}
