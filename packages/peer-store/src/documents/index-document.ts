import type { WriteTransaction } from '@lockkeeper/core/procedures'
import type { DocumentRow } from './document-row.ts'
import { documentQueries } from './queries.ts'

interface Current {
  readonly id: number
  readonly cid: string
  readonly time: number
}

/**
 * Makes a document the current one of its author at its path, unless a newer one is there. Of two with the same time the
 * greater CID wins, so that peers agree in whatever order blobs arrive.
 *
 * @returns whether it is current now.
 */
export function indexDocument(tx: WriteTransaction, cid: string, document: DocumentRow): boolean {
  const { path, author, time } = document
  const current = tx.first<Current>(documentQueries.current, [path, author])
  if (current === undefined) insert(tx, cid, document)
  else if (current.time < time || (current.time === time && current.cid < cid))
    replace(tx, current.id, cid, document)
  else return false
  return true
}

function insert(tx: WriteTransaction, cid: string, document: DocumentRow): void {
  const { path, author, title, time } = document
  const { lastInsertRowid: id } = tx.run(
    'insert into documents (path, author, cid, title, time) values (?, ?, ?, ?, ?)',
    [path, author, cid, title, time],
  )
  addDerived(tx, id, document)
}

function replace(tx: WriteTransaction, id: number, cid: string, document: DocumentRow): void {
  tx.run('update documents set cid = ?, title = ?, time = ? where id = ?', [
    cid,
    document.title,
    document.time,
    id,
  ])
  tx.run('delete from links where document_id = ?', [id])
  tx.run('delete from document_texts where rowid = ?', [id])
  addDerived(tx, id, document)
}

function addDerived(tx: WriteTransaction, id: number | bigint, document: DocumentRow): void {
  const { title, path, text, targets } = document
  tx.run('insert into document_texts (rowid, title, path, text) values (?, ?, ?, ?)', [id, title, path, text])
  if (targets.length === 0) return
  tx.run('insert into links (document_id, target) select ?, value from json_each(?)', [
    id,
    JSON.stringify(targets),
  ])
}
