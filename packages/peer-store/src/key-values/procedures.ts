import { read, write } from '@lockkeeper/core/procedures'

export const set = write((tx, { key, value }: { readonly key: string; readonly value: string }) => {
  tx.run('insert into key_values values (?, ?) on conflict (key) do update set value = excluded.value', [
    key,
    value,
  ])
})

export const get = read((tx, key: string) =>
  tx.value<string>('select value from key_values where key = ?', [key]),
)
