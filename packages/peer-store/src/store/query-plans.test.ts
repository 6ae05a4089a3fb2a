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
  const named = Array.from(sql.matchAll(/:(\w+)/g), ([, name = '']) => [name, null] as const)
  const parameters =
    named.length > 0 ? Object.fromEntries(named) : Array.from(sql.matchAll(/\?/g), () => null)
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
    'the record to be indexed anew, by its key, over the small rows of media',
    indexQueries.nextAfter,
    ['SEARCH b USING INTEGER PRIMARY KEY (rowid>?)', dataRow, inOldTable],
  ],
  [
    'what a comment is on',
    indexQueries.target,
    [
      'SEARCH b USING COVERING INDEX sqlite_autoindex_blobs_1 (multihash=?)',
      'SEARCH s USING INTEGER PRIMARY KEY (rowid=?)',
    ],
  ],
  [
    'where a path leads',
    documentQueries.atPath,
    ['SEARCH r USING INDEX sqlite_autoindex_resources_2 (path=? AND author=?)', blobRow],
  ],
  [
    'the version that a CID names',
    documentQueries.byMultihash,
    [
      'SEARCH b USING COVERING INDEX sqlite_autoindex_blobs_1 (multihash=?)',
      'SEARCH s USING INTEGER PRIMARY KEY (rowid=?)',
      'SEARCH g USING PRIMARY KEY (resource_id=? AND time=? AND blob_id=?)',
      'SEARCH r USING INTEGER PRIMARY KEY (rowid=?)',
    ],
  ],
  [
    'documents by attribute, without sorting',
    documentQueries.byAttribute,
    [
      'SEARCH a USING COVERING INDEX attributes_by_value (key=? AND value=? AND resource_id>?)',
      'SEARCH r USING INTEGER PRIMARY KEY (rowid=?)',
      blobRow,
    ],
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
  [
    'backlinks start from their target',
    documentQueries.backlinks,
    [],
    ['l USING COVERING INDEX resource_links_by_target', 'l USING COVERING INDEX blob_links_by_target'],
  ],
  ['hits start from the words', documentQueries.hits, ['texts', 'matches'], []],
  ['what is shown of hits starts from the words', documentQueries.shown, ['texts', 'json_each'], []],
  ['the feed walks its key', feedQueries.all, [], ['s USING INTEGER PRIMARY KEY (rowid<?)']],
  ['an author’s feed', feedQueries.byAuthor, [], ['s USING INDEX structural_blobs_by_author']],
  ['comments', feedQueries.comments, ['x VIRTUAL'], ['s USING INDEX structural_blobs_by_resource']],
  ['unread documents', feedQueries.unread, [], ['u USING INTEGER PRIMARY KEY (rowid>?)']],
  ['versions', documentQueries.generations, [], ['g USING PRIMARY KEY (resource_id=? AND time<?)']],
])('%s, and scan no table', async (_, sql, allowed, starts) => {
  const plan = await planOf(sql)
  const scans = plan.filter(
    (step) => step.startsWith('SCAN ') && !allowed.some((name) => step.includes(name)),
  )
  expect(scans).toEqual([])
  for (const start of starts) expect(plan.join('\n')).toContain(`SEARCH ${start}`)
  // Nothing is sorted but backlinks, which are few, hits, since their ranks lie in no index, and versions of the very same time.
  const sorted = plan.filter((step) => step.includes('TEMP B-TREE') && !step.includes('LAST TERM'))
  if (!sql.includes('union') && !sql.includes('score')) expect(sorted).toEqual([])
})
