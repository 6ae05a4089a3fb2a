import { read, write } from '@lockkeeper/core/procedures'

export const touchAll = write((tx) => tx.run(`update things set a = a || '!'`).changes)
export const all = read((tx) => tx.all('select * from things order by a'))
