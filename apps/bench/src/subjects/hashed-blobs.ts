import { createHash } from 'node:crypto'
import { loadBlobKibibytes } from '../limits.ts'
import { inTurn, makeBlobs } from './bodies.ts'
import { tables } from './schema.ts'

/**
 * Blobs known by their hash, as a store of them has it. Hashes come in no order, so that each row dirties a page of the index
 * somewhere: a log fills several times as fast as by rows that are appended, and copying it into the file means seeking.
 */
export const hashedTables = `${tables}
  create table hashed_blobs (id integer primary key, hash text not null unique, body blob not null) strict;`

export const insertHashed = 'insert into hashed_blobs (hash, body) values (?, ?)'
export const countHashed = 'select count(*) from hashed_blobs'

export type HashedRow = [hash: string, body: Buffer]

/** Rows of a bulk load, cut into blocks; the same in every trial. */
export function makeBlocks(rows: number, blockRows: number): HashedRow[][] {
  const kibibytes = makeBlobs()
  const next = inTurn(kibibytes)
  const bodies = kibibytes.map(() => Buffer.concat(Array.from({ length: loadBlobKibibytes }, next)))
  const blocks: HashedRow[][] = []
  for (let from = 0; from < rows; from += blockRows) {
    blocks.push(
      Array.from({ length: Math.min(blockRows, rows - from) }, (_, index): HashedRow => {
        const hash = createHash('sha256')
          .update(String(from + index))
          .digest('base64url')
        return [hash, bodies[(from + index) % bodies.length] as Buffer]
      }),
    )
  }
  return blocks
}
