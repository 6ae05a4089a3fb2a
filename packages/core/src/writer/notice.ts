import type { LockkeeperError } from '../errors/lockkeeper-error.ts'

/** What the writer tells its supervisor. */
export type WriterNotice =
  | {
      readonly type: 'writer.migrating'
      readonly name: string
      readonly done: number
      readonly total: number
    }
  | { readonly type: 'writer.ready'; readonly sqlite: string }
  | { readonly type: 'writer.refused'; readonly error: LockkeeperError }
  | { readonly type: 'writer.lost'; readonly cause: LockkeeperError }
  | { readonly type: 'writer.suspended'; readonly error: LockkeeperError }
  | { readonly type: 'writer.recovered' }
  | { readonly type: 'writer.stopped'; readonly error: LockkeeperError }
