import type { Migration } from '@lockkeeper/core'

export const domainMigrations: readonly Migration[] = [
  {
    set: 'domains',
    id: 1,
    name: 'domains',
    sql: `
      -- Times in milliseconds since 1970; -1 is never.
      create table domains (
        name text primary key,
        status text not null check (status in ('ok', 'failed')),
        checked_at integer not null,
        succeeded_at integer not null,
        failed_at integer not null,
        error text,                                               -- of the last failure, kept when it works again
        config text check (config is null or json_valid(config)), -- of the last success
        config_at integer not null
      ) strict;

      -- Who is due for a check, the longest due first.
      create index domains_by_check on domains (checked_at);
    `,
  },
]
