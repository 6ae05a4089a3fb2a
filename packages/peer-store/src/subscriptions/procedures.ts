import { read, write } from '@lockkeeper/core/procedures'
import { subscriptionLimits } from '../limits.ts'
import { subscriptionQueries } from './queries.ts'
import type { Subscription, SubscriptionPage } from './types.ts'

type Stored = Omit<Subscription, 'isRecursive'> & { readonly isRecursive: number }
const restored = (row: Stored): Subscription => ({ ...row, isRecursive: row.isRecursive === 1 })

/** One that is there already keeps its date. */
export const put = write((tx, { account, path, isRecursive, since }: Subscription) => {
  tx.run(subscriptionQueries.put, [account, path, isRecursive ? 1 : 0, since])
})

/** Answers whether there was one. */
export const remove = write(
  (tx, { account, path }: Pick<Subscription, 'account' | 'path'>): boolean =>
    tx.run(subscriptionQueries.remove, [account, path]).changes > 0,
)

/** By account and path. */
export const list = read((tx, { limit, after = { account: '', path: '' } }: SubscriptionPage) =>
  tx.all<Stored>(subscriptionQueries.list, [after.account, after.path, limit]).map(restored),
)

/** The nearest subscription that a document falls under: its own, or a recursive one above it. */
export const covering = read((tx, { account, path }: Pick<Subscription, 'account' | 'path'>) => {
  const steps = path === '' ? [] : path.split('/').slice(0, subscriptionLimits.depthMax)
  const paths = ['', ...steps.map((_, depth) => steps.slice(0, depth + 1).join('/')), path]
  const row = tx.first<Stored>(subscriptionQueries.covering, {
    account,
    paths: JSON.stringify(paths),
    path,
  })
  return row === undefined ? undefined : restored(row)
})
