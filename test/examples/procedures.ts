import { read, write } from '@lockkeeper/core/procedures'

export const rename = write(
  (tx, note: { id: string; title: string }) =>
    tx.run('update notes set title = ? where id = ?', [note.title, note.id]).changes,
)

export const titles = read((tx, page: { limit: number }) =>
  tx.all<{ id: string; title: string }>('select id, title from notes order by id limit ?', [page.limit]),
)
