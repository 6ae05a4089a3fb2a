import { read, write } from '@lockkeeper/core/procedures'
import { domainLimits } from '../limits.ts'
import { aheadOf, soundTime } from '../store/sound-clock.ts'
import type { Page } from '../types.ts'
import type { DomainNote } from './domain-note.ts'
import { domainQueries } from './queries.ts'
import type { DomainRow } from './types.ts'

const never = -1

/** Writes what checks said: of each part the newest, whatever order notes come in. Bears repetition. Answers the rows changed. */
export const upsertMany = write((tx, notes: readonly DomainNote[]): number => {
  let changed = 0
  for (const { name, last, succeededAt, failed, config } of notes) {
    changed += tx.run(domainQueries.upsert, {
      name,
      status: last.status,
      checkedAt: last.at,
      succeededAt,
      failedAt: failed?.at ?? never,
      error: failed?.error ?? null,
      config: config?.text ?? null,
      configAt: config?.at ?? never,
    }).changes
  }
  return changed
})

/** Sets times that are far ahead of ours back to when the store was opened, in milliseconds since 1970. Answers the rows changed. */
export const setBack = write((tx, openedAt: number): number => {
  const now = soundTime(openedAt, openedAt)
  return now === undefined ? 0 : tx.run(domainQueries.setBack, { now, aheadOf: aheadOf(now) }).changes
})

export const byName = read((tx, name: string) => tx.first<DomainRow>(domainQueries.byName, [name]))

/** Domains by name. */
export const list = read((tx, { limit, after = '' }: Page) =>
  tx.all<DomainRow>(domainQueries.list, [after, limit]),
)

/** Names of domains whose last check is over 30 minutes old, the oldest first. */
export const due = read((tx, { now, limit }: { readonly now: number; readonly limit: number }): string[] =>
  tx
    .all<{ name: string }>(domainQueries.due, [now - domainLimits.checkEveryMs, limit])
    .map(({ name }) => name),
)
