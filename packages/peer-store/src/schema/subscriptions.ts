import type { Migration } from '@lockkeeper/core'

export const subscriptionMigrations: readonly Migration[] = [
  {
    set: 'subscriptions',
    id: 1,
    name: 'subscriptions',
    sql: `
      -- An account's documents at a path, and below it if recursive. Asked for by account and path, listed in that order: the
      -- primary key serves both.
      create table subscriptions (
        account text not null,
        path text not null, -- '' is all of the account
        is_recursive integer not null check (is_recursive in (0, 1)),
        since integer not null, -- milliseconds since 1970
        primary key (account, path)
      ) strict, without rowid;
    `,
  },
]
