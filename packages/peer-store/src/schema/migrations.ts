import type { Migration } from '@lockkeeper/core'
import { blobMigrations } from './blobs/index.ts'
import { domainMigrations } from './domains.ts'
import { peerMigrations } from './peers.ts'
import { subscriptionMigrations } from './subscriptions.ts'

const set = 'peer-store'

/** The first schema. What became of its tables is told in the sets that follow. */
export const firstSchema: readonly Migration[] = [
  {
    set,
    id: 1,
    name: 'blobs',
    sql: `
      create table blobs (
        id integer primary key,
        cid text not null unique,
        codec integer not null,
        size integer not null,
        bytes blob not null -- last, so that the columns before it are read without its overflow pages
      ) strict;

      -- Kept by whoever stores blobs: a sum over the table would read gigabytes.
      create table blob_totals (
        id integer primary key check (id = 1),
        blobs integer not null,
        bytes integer not null
      ) strict;
      insert into blob_totals values (1, 0, 0);
    `,
  },
  {
    set,
    id: 2,
    name: 'documents',
    sql: `
      -- The current document of each author at each path; those it replaced remain as blobs.
      -- The unique index also serves the list, by path, and the newest document at a path.
      create table documents (
        id integer primary key,
        path text not null,
        author blob not null,
        cid text not null unique references blobs (cid),
        title text not null,
        time integer not null,
        unique (path, author)
      ) strict;

      -- What current documents link to: '/' and a path for their author's documents, or a CID.
      create table links (
        document_id integer not null references documents (id) on delete cascade,
        target text not null,
        primary key (document_id, target)
      ) strict, without rowid;
      create index links_by_target on links (target);

      -- Keeps a text of its own, because snippets are cut from it: in blobs it lies encoded.
      create virtual table document_texts using fts5 (title, path, text, tokenize = 'unicode61 remove_diacritics 2');
      insert into document_texts (document_texts, rank) values ('rank', 'bm25(10.0, 4.0, 1.0)');
    `,
  },
  {
    set,
    id: 3,
    name: 'peers',
    sql: `
      create table peers (
        id text primary key,
        status text not null,
        seen_at integer not null,
        addresses text not null check (json_valid(addresses)), -- a list, always replaced as a whole
        addresses_at integer not null,
        refused_blobs integer not null
      ) strict;
    `,
  },
  {
    set,
    id: 4,
    name: 'key-values',
    sql: `
      create table key_values (
        key text primary key,
        value text not null
      ) strict;
    `,
  },
]

/** The store's schema, set by set. Blobs are the truth; documents, links and the full-text index are derived from them. */
export const migrations: readonly Migration[] = [
  ...firstSchema,
  ...peerMigrations,
  ...domainMigrations,
  ...subscriptionMigrations,
  ...blobMigrations,
]
