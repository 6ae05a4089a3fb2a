// The queries that run while somebody waits go through an index, never through a table: at 90,000 blobs a scan reads
// gigabytes and holds its reader for seconds (promise 7 keeps such a read off others, not from being slow).
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Database, openDatabase } from '@lockkeeper/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { blobQueries } from '../blobs/queries.ts'
import { documentQueries } from '../documents/queries.ts'
import { feedQueries } from '../feed/queries.ts'
import { indexQueries } from '../indexing/queries.ts'
import { migrations } from '../schema/migrations.ts'

let folder: string
let db: Database

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lockkeeper-'))
  db = await openDatabase({ file: join(folder, 'store.db'), migrations })
})

afterAll(async () => {
  await db.close()
  rmSync(folder, { recursive: true })
})

async function planOf(sql: string): Promise<string[]> {
  const parameters = Array.from(sql.matchAll(/\?/g), () => null)
  const steps = await db.read<{ detail: string }>(`explain query plan ${sql}`, parameters)
  return steps.map(({ detail }) => detail)
}

const inOldTable = 'SEARCH o USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN'
const dataRow = 'SEARCH d USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN'
const blobRow = 'SEARCH b USING INTEGER PRIMARY KEY (rowid=?)'

test.each<[string, string, string[]]>([
  [
    'a blob by its multihash',
    blobQueries.data,
    ['SEARCH b USING COVERING INDEX sqlite_autoindex_blobs_1 (multihash=?)', dataRow, inOldTable],
  ],
  [
    'whether a blob is stored',
    blobQueries.codec,
    ['SEARCH blobs USING INDEX sqlite_autoindex_blobs_1 (multihash=?)'],
  ],
  ['a page of names', blobQueries.list, ['SEARCH blobs USING INDEX sqlite_autoindex_blobs_1 (multihash>?)']],
  [
    'all names, at open, in pages of the small rows',
    blobQueries.names,
    ['SEARCH blobs USING INTEGER PRIMARY KEY (rowid>?)'],
  ],
  [
    'the record to be indexed next, from the partial index',
    indexQueries.next,
    ['SCAN b USING INDEX blobs_to_index', dataRow, inOldTable],
  ],
  [
    'the current document to replace',
    indexQueries.current,
    ['SEARCH r USING INDEX sqlite_autoindex_resources_2 (path=? AND author=?)', blobRow],
  ],
  [
    'what waits for a blob',
    indexQueries.waitingFor,
    ['SEARCH stashed_blobs USING COVERING INDEX stashed_blobs_by_need (waits_for=?)'],
  ],
  [
    'a page of documents, in order without sorting',
    documentQueries.list,
    ['SEARCH r USING INDEX sqlite_autoindex_resources_2 ((path,author)>(?,?))', blobRow],
  ],
  [
    'documents by recent change, without sorting',
    documentQueries.recent,
    ['SEARCH r USING INDEX resources_by_change (changed_at<?)', blobRow],
  ],
  [
    'the newest document at a path',
    documentQueries.newestAt,
    [
      'SEARCH r USING INDEX sqlite_autoindex_resources_2 (path=?)',
      blobRow,
      'USE TEMP B-TREE FOR ORDER BY', // over the few authors who share the path
    ],
  ],
])('%s', async (_, sql, plan) => {
  expect(await planOf(sql)).toEqual(plan)
})

test.each<[string, string, string[], string[]]>([
  ['backlinks start from their target', documentQueries.backlinks, [], ['l USING', 'blob_links USING']],
  ['search starts from the words', documentQueries.search, ['texts'], []],
  ['the feed walks its key', feedQueries.all, [], ['s USING INTEGER PRIMARY KEY (rowid<?)']],
  ['an author’s feed', feedQueries.byAuthor, [], ['s USING INDEX structural_blobs_by_author']],
  ['comments', feedQueries.comments, ['x VIRTUAL'], ['s USING INDEX structural_blobs_by_resource']],
  ['unread documents', feedQueries.unread, [], ['u USING INTEGER PRIMARY KEY (rowid>?)']],
  ['versions', documentQueries.generations, [], ['g USING PRIMARY KEY (resource_id=?)']],
])('%s, and scan no table', async (_, sql, allowed, starts) => {
  const plan = await planOf(sql)
  const scans = plan.filter(
    (step) => step.startsWith('SCAN ') && !allowed.some((name) => step.includes(name)),
  )
  expect(scans).toEqual([])
  for (const start of starts) expect(plan.join('\n')).toContain(`SEARCH ${start}`)
  // Nothing but backlinks, which are few, is sorted.
  if (!sql.includes('union')) expect(plan.filter((step) => step.includes('TEMP B-TREE'))).toEqual([])
})
