/** What every subject writes into and how, so that all of them do the same. */
export const tables = `
  create table texts (id integer primary key, body text not null) strict;
  create table blobs (id integer primary key, body blob not null) strict;`

export const insertText = 'insert into texts (body) values (?)'
export const insertBlob = 'insert into blobs (body) values (?)'
export const countTexts = 'select count(*) from texts'
export const countBlobs = 'select count(*) from blobs'

/** What an acknowledged write survives: `process` is `synchronous = NORMAL`, `power` is `FULL`. */
export type Durability = 'process' | 'power'

/** @throws Error unless the file holds just what was acknowledged. */
export function assertStored(stored: unknown, acknowledged: number): void {
  if (stored === acknowledged) return
  throw new Error(`${acknowledged} writes were acknowledged, but ${String(stored)} are stored`)
}
