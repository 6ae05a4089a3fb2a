const columns = `name, status, max(checked_at, 0) as checkedAt, max(succeeded_at, 0) as succeededAt,
  max(failed_at, 0) as failedAt, error, config`

/** What is asked of domains, apart from the procedures so that a test can look at how SQLite goes about it. */
export const domainQueries = {
  upsert: `
    insert into domains (name, status, checked_at, succeeded_at, failed_at, error, config, config_at)
    values (:name, :status, :checkedAt, :succeededAt, :failedAt, :error, :config, :configAt)
    on conflict (name) do update set
      status = iif(excluded.checked_at >= checked_at, excluded.status, status),
      checked_at = max(excluded.checked_at, checked_at),
      succeeded_at = max(excluded.succeeded_at, succeeded_at),
      error = iif(excluded.failed_at >= failed_at and excluded.failed_at >= 0, excluded.error, error),
      failed_at = max(excluded.failed_at, failed_at),
      config = iif(excluded.config_at >= config_at and excluded.config_at >= 0, excluded.config, config),
      config_at = max(excluded.config_at, config_at)
    where excluded.checked_at > checked_at
      or (excluded.checked_at = checked_at and excluded.status <> status)
      or excluded.succeeded_at > succeeded_at
      or excluded.failed_at > failed_at
      or excluded.config_at > config_at`,
  /** What came from a clock that was ahead would never be due, and win over everything true. No part is newer than the check. */
  setBack: `
    update domains set
      checked_at = :now,
      succeeded_at = min(succeeded_at, :now),
      failed_at = min(failed_at, :now),
      config_at = min(config_at, :now)
    where checked_at > :aheadOf`,
  byName: `select ${columns} from domains where name = ?`,
  list: `select ${columns} from domains where name > ? order by name limit ?`,
  due: `select name from domains where checked_at <= ? order by checked_at limit ?`,
} as const
