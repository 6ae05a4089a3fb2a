import { read, write } from '@lockkeeper/core/procedures'
import { recordCid, type SummaryRow, summaryOf } from '../documents/summary.ts'
import type {
  Comment,
  CommentsPage,
  FeedEntry,
  FeedPage,
  Place,
  RecordKind,
  UnreadDocument,
} from '../types.ts'
import { feedQueries } from './queries.ts'

interface EntryRow extends SummaryRow {
  readonly position: number
  readonly kind: RecordKind
  readonly entryMultihash: Uint8Array
  readonly signedBy: string
  readonly signedAt: number
}

/** What came, newest arrival first. */
export const list = read((tx, { limit, before = Number.MAX_SAFE_INTEGER, author }: FeedPage) => {
  const rows =
    author === undefined
      ? tx.all<EntryRow>(feedQueries.all, [before, limit])
      : tx.all<EntryRow>(feedQueries.byAuthor, [Buffer.from(author, 'hex'), before, limit])
  return rows.map(
    (row): FeedEntry => ({
      kind: row.kind,
      cid: recordCid(row.entryMultihash),
      author: row.signedBy,
      time: row.signedAt,
      document: summaryOf(row),
      position: row.position,
    }),
  )
})

interface CommentRow extends Omit<Comment, 'cid' | 'on'> {
  readonly multihash: Uint8Array
  readonly target: Uint8Array
}

/** The comments of a document, and those on them. */
export const comments = read((tx, { path, author, limit, after = 0 }: CommentsPage) =>
  tx.all<CommentRow>(feedQueries.comments, [path, Buffer.from(author, 'hex'), after, limit]).map(
    ({ multihash, target, text, author: signedBy, time, position }): Comment => ({
      cid: recordCid(multihash),
      on: recordCid(target),
      text,
      author: signedBy,
      time,
      position,
    }),
  ),
)

/** Documents with something new in them that nobody has looked at. */
export const unread = read(
  (
    tx,
    { limit, after = 0 }: { readonly limit: number; readonly after?: number | undefined },
  ): UnreadDocument[] =>
    tx
      .all<SummaryRow & Pick<UnreadDocument, 'position' | 'latest'>>(feedQueries.unread, [after, limit])
      .map((row) => ({ ...summaryOf(row), position: row.position, latest: row.latest })),
)

export const markRead = write(
  (tx, { path, author, latest }: Place & { readonly latest?: number | undefined }) => {
    tx.run(feedQueries.markRead, [path, Buffer.from(author, 'hex'), latest ?? Number.MAX_SAFE_INTEGER])
  },
)
