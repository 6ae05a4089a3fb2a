import type { Database } from '@lockkeeper/core'
import { pageLimits } from '../limits.ts'
import type { StoreModules } from '../store/modules.ts'
import { bounded, boundedLimit } from '../store/pages.ts'
import type { Page } from '../types.ts'
import type { DomainWriter } from './domain-writer.ts'
import type { DomainCheck, DomainRow, DomainWriterCounts } from './types.ts'

/** What a store knows of domains. Reports return at once and never throw; reads run on Lockkeeper's readers. */
export interface Domains {
  /** Notes how a check went. One that says what the last one said is written at most once a minute. */
  checked(check: DomainCheck): void
  /** Writes what was reported until now. @throws LockkeeperError if any of it was given up. */
  flush(): Promise<void>

  /** One domain, with all that was reported of it until now. */
  find(name: string): Promise<DomainRow | undefined>
  /** By name. */
  list(page: Page): Promise<DomainRow[]>
  /** Names of those whose last check is over 30 minutes old, the oldest first. @param now milliseconds since 1970. */
  due(asked: { readonly limit: number; readonly now?: number | undefined }): Promise<string[]>

  readonly counts: DomainWriterCounts
}

export class StoredDomains implements Domains {
  readonly #db: Pick<Database<StoreModules>, 'call'>
  readonly #writer: DomainWriter

  constructor(db: Pick<Database<StoreModules>, 'call'>, writer: DomainWriter) {
    this.#db = db
    this.#writer = writer
  }

  checked(check: DomainCheck): void {
    this.#writer.checked(check)
  }

  flush(): Promise<void> {
    return this.#writer.flush()
  }

  find(name: string): Promise<DomainRow | undefined> {
    return this.#db.call.domains.byName(name, { after: this.#writer.pending(name) })
  }

  list(page: Page): Promise<DomainRow[]> {
    return this.#db.call.domains.list(bounded(page))
  }

  due(asked: { readonly limit: number; readonly now?: number | undefined }): Promise<string[]> {
    const limit = boundedLimit(asked.limit, pageLimits.itemsMax)
    return this.#db.call.domains.due({ limit, now: asked.now ?? Date.now() })
  }

  get counts(): DomainWriterCounts {
    return this.#writer.counts
  }
}
