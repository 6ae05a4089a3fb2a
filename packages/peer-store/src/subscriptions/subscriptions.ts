import { type Database, LockkeeperError } from '@lockkeeper/core'
import { pageLimits, subscriptionLimits } from '../limits.ts'
import type { StoreModules } from '../store/modules.ts'
import { boundedLimit } from '../store/pages.ts'
import type { Subscription, SubscriptionPage } from './types.ts'

/** What the user wants to have. A person waits for these writes: they ride the `user` lane, and answer once committed. */
export interface Subscriptions {
  /** One that is there already keeps its date. @throws LockkeeperError `invalid-argument` for names out of bounds. */
  put(subscription: Subscription): Promise<void>
  /** Answers whether there was one. */
  remove(which: Pick<Subscription, 'account' | 'path'>): Promise<boolean>
  /** By account and path. */
  list(page: SubscriptionPage): Promise<Subscription[]>
  /** The nearest subscription that a document falls under: its own, or a recursive one above it. */
  covering(document: Pick<Subscription, 'account' | 'path'>): Promise<Subscription | undefined>
}

export class StoredSubscriptions implements Subscriptions {
  readonly #db: Pick<Database<StoreModules>, 'call'>

  constructor(db: Pick<Database<StoreModules>, 'call'>) {
    this.#db = db
  }

  async put({ account, path, isRecursive, since }: Subscription): Promise<void> {
    const { accountCharactersMax, pathCharactersMax } = subscriptionLimits
    const isAccount = account.length > 0 && account.length <= accountCharactersMax
    const isPath = path.length <= pathCharactersMax && !path.startsWith('/') && !path.endsWith('/')
    if (!isAccount || !isPath || !Number.isSafeInteger(since)) {
      throw new LockkeeperError(
        `A subscription has an account of 1 to ${accountCharactersMax} characters, a path of at most ${pathCharactersMax} without a slash at its ends, and a whole number of milliseconds`,
        { code: 'invalid-argument', stage: 'admission', outcome: 'not-stored', label: 'subscriptions.put' },
      )
    }
    await this.#db.call.subscriptions.put({ account, path, isRecursive, since })
  }

  async remove({ account, path }: Pick<Subscription, 'account' | 'path'>): Promise<boolean> {
    return await this.#db.call.subscriptions.remove({ account, path })
  }

  list({ limit, after }: SubscriptionPage): Promise<Subscription[]> {
    return this.#db.call.subscriptions.list({ limit: boundedLimit(limit, pageLimits.itemsMax), after })
  }

  covering({ account, path }: Pick<Subscription, 'account' | 'path'>): Promise<Subscription | undefined> {
    return this.#db.call.subscriptions.covering({ account, path })
  }
}
