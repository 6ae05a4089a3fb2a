// The queries that run while somebody waits go through an index, never through a table: at 90,000 blobs a scan reads
// gigabytes and holds its reader for seconds (promise 7 keeps such a read off others, not from being slow).
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Database, openDatabase } from '@lockkeeper/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { blobQueries } from '../blobs/queries.ts'
import { documentQueries } from '../documents/queries.ts'
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

test.each<[string, string, string[]]>([
  ['a blob by its CID', blobQueries.byCid, ['SEARCH blobs USING INDEX sqlite_autoindex_blobs_1 (cid=?)']],
  [
    'a page of CIDs, from the index alone',
    blobQueries.list,
    ['SEARCH blobs USING COVERING INDEX sqlite_autoindex_blobs_1 (cid>?)'],
  ],
  [
    'the current document to replace',
    documentQueries.current,
    ['SEARCH documents USING INDEX sqlite_autoindex_documents_2 (path=? AND author=?)'],
  ],
  [
    'a page of documents, in order without sorting',
    documentQueries.list,
    ['SEARCH d USING INDEX sqlite_autoindex_documents_2 ((path,author)>(?,?))'],
  ],
  [
    'the newest document at a path',
    documentQueries.newestAt,
    [
      'SEARCH documents USING INDEX sqlite_autoindex_documents_2 (path=?)',
      'USE TEMP B-TREE FOR ORDER BY', // over the few authors who share the path
    ],
  ],
])('%s', async (_, sql, plan) => {
  expect(await planOf(sql)).toEqual(plan)
})

test.each<[string, string, string[]]>([
  ['missing CIDs look each up in the index', blobQueries.missing, ['json_each']],
  ['backlinks start from their target', documentQueries.backlinks, []],
  ['search starts from the words', documentQueries.search, ['document_texts']],
])('%s, and scan no table', async (_, sql, allowed) => {
  const plan = await planOf(sql)
  expect(plan.join('\n')).toMatch(/SEARCH/)
  const scans = plan.filter(
    (step) => step.startsWith('SCAN ') && !allowed.some((name) => step.includes(name)),
  )
  expect(scans).toEqual([])
})
