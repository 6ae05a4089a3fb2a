const columns = 'account, path, is_recursive as isRecursive, since'

/** What is asked of subscriptions, apart from the procedures so that a test can look at how SQLite goes about it. */
export const subscriptionQueries = {
  put: `
    insert into subscriptions (account, path, is_recursive, since) values (?, ?, ?, ?)
    on conflict (account, path) do update set is_recursive = excluded.is_recursive
    where excluded.is_recursive <> is_recursive`,
  remove: 'delete from subscriptions where account = ? and path = ?',
  list: `
    select ${columns} from subscriptions where (account, path) > (?, ?) order by account, path limit ?`,
  /** The paths are the one asked for and all above it; each is looked up, none is searched for. */
  covering: `
    select ${columns} from subscriptions
    where account = :account and path in (select value from json_each(:paths)) and (is_recursive or path = :path)
    order by length(path) desc limit 1`,
} as const
